package transfer

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/openmibi/openmibi/mibitracker"
)

// What comes of channels by ranges is kept beside them as it comes, until their
// FOV is done: a pull that is killed has it, also where no channel was whole yet.

const (
	rangesExtension = ".ranges"
	keptForm        = "openmibi ranges 1"
	// keptHead is what a piece begins with: its place, its length, its checksum,
	// and the checksum of these three.
	keptHead = 8 + 4 + 4 + 4
	// maxKeptPiece is more than comes at once, in bytes.
	maxKeptPiece = 1 << 20
	// mostRanges is how many ranges are on their way at once, of all FOVs: as many
	// as connections are kept for. Of each a killed pull loses what it had not read.
	mostRanges = 16
	// maxKeptVersion is the longest first line that is read.
	maxKeptVersion = 4 << 10
)

// rangesPath is where what came of an image's TIFF by ranges is kept.
func rangesPath(dir string, image int64) string {
	return filepath.Join(dir, stateFolder, strconv.FormatInt(image, 10)+rangesExtension)
}

// keptPiece is a piece of a remote file in the file of what is kept.
type keptPiece struct {
	from, to int64 // in the remote file
	at       int64 // in the file here
}

// keptReader reads a remote file through what is kept of it, and keeps what it
// reads. Many goroutines may read at once.
type keptReader struct {
	remote *mibitracker.RemoteFile
	slots  chan struct{} // of ranges that are on their way; see mostRanges
	file   *os.File      // nil where nothing is kept
	pieces []keptPiece   // that an earlier pull has left, in the remote file's order

	mu   sync.Mutex // of what is written
	full bool       // it cannot be written
}

// open goes on with what is kept of the version that is read. To keep nothing is
// no failure: it is a help for later.
func (k *keptReader) open(path string) {
	tag := k.remote.ETag()
	if !strings.HasPrefix(tag, `"`) || ownFile(path) != nil {
		return // of a weak tag nobody knows whether it is the same bytes
	}
	version := fmt.Sprintf("%s %d %q\n", keptForm, k.remote.Size(), tag)
	if len(version) > maxKeptVersion {
		return
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	end, err := k.load(file, version)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil && end == 0 {
		_, err = file.WriteString(version)
	} else if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		k.pieces = nil
		_ = file.Close()
		return
	}
	k.file = file
}

// load takes over what is kept, as far as it is whole, and says where that ends.
// Of another version it is nothing.
func (k *keptReader) load(file *os.File, version string) (end int64, err error) {
	buffer := make([]byte, len(version), tellBytes)
	if _, err := io.ReadFull(file, buffer); err != nil || string(buffer) != version {
		return 0, nil //nolint:nilerr // it is begun anew
	}
	end = int64(len(version))
	var head [keptHead]byte
	for {
		if _, err := io.ReadFull(file, head[:]); err != nil {
			break
		}
		from, n := binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint32(head[8:])
		if binary.LittleEndian.Uint32(head[16:]) != checksum(head[:16]) || n == 0 || n > maxKeptPiece ||
			from > uint64(k.remote.Size()) || uint64(n) > uint64(k.remote.Size())-from {
			break
		}
		buffer = slices.Grow(buffer[:0], int(n))[:n]
		if _, err := io.ReadFull(file, buffer); err != nil || binary.LittleEndian.Uint32(head[12:]) != checksum(buffer) {
			break
		}
		k.pieces = append(k.pieces, keptPiece{from: int64(from), to: int64(from) + int64(n), at: end + keptHead})
		end += keptHead + int64(n)
	}
	slices.SortStableFunc(k.pieces, func(a, b keptPiece) int { return int(min(max(a.from-b.from, -1), 1)) })
	return end, nil
}

// tellBytes is how much of a remote file mostly comes at once.
const tellBytes = 64 << 10

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// ReadAt reads as [mibitracker.RemoteFile.ReadAt] does.
func (k *keptReader) ReadAt(p []byte, off int64) (int, error) {
	if k.file == nil {
		return k.remote.ReadAt(p, off)
	}
	done := 0
	for done < len(p) {
		at := off + int64(done)
		kept, next := k.find(at)
		var n int
		var err error
		if kept != nil {
			n, err = k.file.ReadAt(p[done:][:min(int64(len(p)-done), kept.to-at)], kept.at+at-kept.from)
		} else {
			k.slots <- struct{}{}
			missing := p[done:][:min(int64(len(p)-done), next-at)]
			n, err = k.remote.ReadAtTelling(missing, at, func(piece []byte) {
				k.keep(at, piece)
				at += int64(len(piece))
			})
			<-k.slots
		}
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// find gives the piece that has a byte, or nil and where the next one begins.
func (k *keptReader) find(off int64) (kept *keptPiece, next int64) {
	after, _ := slices.BinarySearchFunc(k.pieces, off, func(piece keptPiece, off int64) int {
		if piece.from <= off {
			return -1
		}
		return 1
	})
	if after > 0 && off < k.pieces[after-1].to {
		return &k.pieces[after-1], 0
	}
	if after < len(k.pieces) {
		return nil, k.pieces[after].from
	}
	return nil, max(k.remote.Size(), off+1)
}

// keep writes a piece down, by one write: what a killed process leaves of one is
// no piece.
func (k *keptReader) keep(off int64, piece []byte) {
	if len(piece) == 0 || len(piece) > maxKeptPiece {
		return
	}
	record := make([]byte, keptHead, keptHead+len(piece))
	binary.LittleEndian.PutUint64(record, uint64(off))
	binary.LittleEndian.PutUint32(record[8:], uint32(len(piece)))
	binary.LittleEndian.PutUint32(record[12:], checksum(piece))
	binary.LittleEndian.PutUint32(record[16:], checksum(record[:16]))
	record = append(record, piece...)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.full {
		return
	}
	if _, err := k.file.Write(record); err != nil {
		k.full = true
		if len(k.pieces) == 0 { // the channels need the room more
			_ = k.file.Truncate(0)
		}
	}
}

// forget removes what is kept.
func (k *keptReader) forget() {
	if k.file != nil {
		_ = k.file.Close() // Windows removes no file that is open
		_ = os.Remove(k.file.Name())
	}
}

// close ends it. What is kept stays.
func (k *keptReader) close() error {
	err := k.remote.Close()
	if k.file != nil {
		_ = k.file.Close()
	}
	return err
}
