package mibi

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrFileName is what [ChannelName] says of a name that the rule of
	// [FileNames] does not write.
	ErrFileName = errors.New("not the file name of a channel")
	// ErrShortFileName is what [ChannelName] says of a name that was too long
	// to be kept: find it among the FileNames of the image's channels.
	ErrShortFileName = errors.New("the file name holds its channel's name only in part")
)

// FileNameError says why a file name names no channel. It wraps [ErrFileName]
// or [ErrShortFileName].
type FileNameError struct {
	// Name is the file name.
	Name string
	// Err is the reason.
	Err error
}

// Error names the file and the reason.
func (e *FileNameError) Error() string { return fmt.Sprintf("file %s: %v", quoted(e.Name), e.Err) }

// Unwrap gives the reason.
func (e *FileNameError) Unwrap() error { return e.Err }

// ChannelName returns the channel that a file is named for: the reverse of
// [FileNames], for one name without its extension. It takes only what that rule
// writes; its errors are *FileNameError. A file of other tools reads as it
// stands where its name is plain: they too write "-" for "/", but do not say so.
func ChannelName(file string) (string, error) {
	if channel, ok := parseFileName(file); ok {
		return channel, nil
	}
	reason := ErrFileName
	if at := len(file) - len(shortTag) - 2*shortDigest; at >= 0 && strings.HasPrefix(file[at:], shortTag) &&
		strings.Trim(file[at+len(shortTag):], "0123456789abcdef") == "" {
		reason = ErrShortFileName
	}
	return "", &FileNameError{Name: file, Err: reason}
}

func parseFileName(file string) (string, bool) {
	if len(file) == 0 || len(file) > MaxFileName {
		return "", false
	}
	visible, tag := file, ""
	if at := strings.LastIndexByte(file, '%'); at >= 0 && strings.Trim(file[at+1:], "-sr") == "" {
		visible, tag = file[:at], file[at+1:]
	}
	var channel strings.Builder
	for i := 0; i < len(visible); i++ {
		switch c := visible[i]; c {
		case '%':
			if i+2 >= len(visible) {
				return "", false
			}
			one, err := hex.DecodeString(visible[i+1 : i+3])
			if err != nil {
				return "", false
			}
			channel.Write(one)
			i += 2
		case '-':
			if tag != "" {
				c = map[byte]byte{'-': '-', 's': '/', 'r': '\\'}[tag[0]]
				tag = tag[1:]
			}
			channel.WriteByte(c)
		default:
			channel.WriteByte(c)
		}
	}
	// There is one way to write a name, or two where case matters: whatever
	// else can be read was not written by the rule.
	name := channel.String()
	return name, file == fileName(name, false) || file == fileName(name, true)
}
