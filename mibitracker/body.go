package mibitracker

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Source is content of a known size that can be opened again, so that a
// request with it can be repeated and no file is ever whole in memory.
type Source struct {
	// Name is the file's name, without a folder.
	Name string
	// Size is in bytes.
	Size int64
	// Open starts reading at the first byte. Its Close may be called while its
	// Read still waits, in another goroutine, and should end it.
	Open func() (io.ReadCloser, error)
}

// FromFile is a file on disk.
func FromFile(path string) (Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Source{}, err
	}
	if !info.Mode().IsRegular() {
		return Source{}, fmt.Errorf("%s is not a regular file", path)
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	return Source{Name: filepath.Base(path), Size: info.Size(), Open: open}, nil
}

// FromReaderAt is size bytes of r from its beginning.
func FromReaderAt(name string, r io.ReaderAt, size int64) Source {
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, 0, size)), nil }
	return Source{Name: name, Size: size, Open: open}
}

// FromBytes is bytes in memory.
func FromBytes(name string, b []byte) Source {
	return FromReaderAt(name, bytes.NewReader(b), int64(len(b)))
}

// Body is a request's content.
type Body struct {
	ContentType string
	// Size is in bytes; -1 where it is unknown, and then sent in chunks.
	Size int64
	// Open starts reading at the first byte, once for each attempt. See Source.
	Open func() (io.ReadCloser, error)
	// Err is why the content could not be made; the request then returns it.
	Err error
}

// JSONBody is v in JSON.
func JSONBody(v any) *Body {
	raw, err := json.Marshal(v)
	if err != nil {
		return &Body{Err: fmt.Errorf("mibitracker: encoding the request: %w", err)}
	}
	return SourceBody("application/json", FromBytes("", raw))
}

// FormBody is a form without files.
func FormBody(values url.Values) *Body {
	return SourceBody("application/x-www-form-urlencoded", FromBytes("", []byte(values.Encode())))
}

// SourceBody is a source as it is.
func SourceBody(contentType string, s Source) *Body {
	return &Body{ContentType: contentType, Size: s.Size, Open: s.Open}
}

// Part is one part of a multipart form: a text, or a file.
type Part struct {
	// Name is the form field's name.
	Name string
	// Text is the value, if File is nil.
	Text string
	// File is the content; its Name is sent as the file's name.
	File *Source
	// ContentType is the file's type.
	ContentType string
}

// MultipartBody is a form with files, streamed, with its length known.
func MultipartBody(parts ...Part) *Body {
	boundary := rand.Text()
	var pieces []Source
	total := int64(0)
	add := func(s Source) {
		pieces = append(pieces, s)
		total += s.Size
	}
	for _, p := range parts {
		head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + quoteParameter(p.Name) + "\""
		if p.File == nil {
			add(FromBytes("", []byte(head+"\r\n\r\n"+p.Text+"\r\n")))
			continue
		}
		if p.File.Open == nil || p.File.Size < 0 {
			return &Body{Err: fmt.Errorf("mibitracker: the file %s has no content or no size", p.Name)}
		}
		if strings.ContainsAny(p.ContentType, "\r\n") {
			return &Body{Err: fmt.Errorf("mibitracker: the content type of %s has a line break in it", p.Name)}
		}
		head += "; filename=\"" + quoteParameter(p.File.Name) + "\"\r\nContent-Type: " + p.ContentType + "\r\n\r\n"
		add(FromBytes("", []byte(head)))
		add(*p.File)
		add(FromBytes("", []byte("\r\n")))
	}
	add(FromBytes("", []byte("--"+boundary+"--\r\n")))
	return &Body{
		ContentType: "multipart/form-data; boundary=" + boundary,
		Size:        total,
		Open:        func() (io.ReadCloser, error) { return &chain{rest: pieces}, nil },
	}
}

// quoteParameter escapes as browsers and mime/multipart do.
func quoteParameter(s string) string {
	return strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "%0D", "\n", "%0A").Replace(s)
}

// chain reads sources one after another, one open at a time. HTTP/2 may close
// a body that it still reads.
type chain struct {
	rest []Source
	left int64 // bytes that the open one owes

	mu     sync.Mutex // of what follows
	open   io.ReadCloser
	closed bool
}

func (c *chain) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		r, err := c.current()
		if err != nil {
			return 0, err
		}
		n, err := r.Read(p[:min(int64(len(p)), max(c.left, 1))])
		c.left -= int64(n)
		ended := errors.Is(err, io.EOF)
		switch {
		case c.left < 0 || ended && c.left > 0:
			return 0, fmt.Errorf("%s changed its size while it was sent", c.rest[0].Name)
		case ended:
			err = c.release()
			c.rest = c.rest[1:]
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// current gives the source to read from. After Close none is opened any more.
func (c *chain) current() (io.Reader, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, fs.ErrClosed
	case c.open != nil:
		return c.open, nil
	case len(c.rest) == 0:
		return nil, io.EOF
	}
	r, err := c.rest[0].Open()
	if err != nil {
		return nil, err
	}
	c.open, c.left = r, c.rest[0].Size
	return r, nil
}

func (c *chain) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		return nil
	}
	err := c.open.Close()
	c.open = nil
	return err
}

func (c *chain) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	return c.release()
}
