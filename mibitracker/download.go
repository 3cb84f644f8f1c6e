package mibitracker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Downloaded is a file that was brought from storage.
type Downloaded struct {
	// Path is where it lies now.
	Path string
	// Size is in bytes; Resumed is how many of them an earlier download had
	// left there.
	Size, Resumed int64
	// SHA256 is the content's hash, hexadecimal, computed on the way.
	SHA256 string
	// ETag is the storage's tag; it may be empty, and is where nothing had to be
	// asked for.
	ETag string
}

// DownloadOption changes how Download works.
type DownloadOption func(*download)

// WithProgress calls f as bytes arrive, from the goroutine of Download: how
// many are there, and how many there will be, or -1 where the storage does not
// say. A download that has to start over counts from the beginning again.
func WithProgress(f func(done, total int64)) DownloadOption {
	return func(d *download) {
		if f != nil {
			d.progress = f
		}
	}
}

// WithoutResume neither uses what an earlier download left nor leaves
// anything for a later one. Connections that break are still continued.
func WithoutResume() DownloadOption {
	return func(d *download) { d.alone = true }
}

// WithoutSync leaves it to the system when a file that is whole reaches the
// disk, and its name: for who brings many files, and syncs them together.
func WithoutSync() DownloadOption {
	return func(d *download) { d.lazy = true }
}

const (
	downloadBuffer = 128 << 10
	// maxRestarts is how often a file may be replaced while it is downloaded.
	maxRestarts = 3
)

// Download brings a file to dest, or into the folder dest under the last
// element of its path in storage; a name that cannot be one here is a
// *NameError. The file appears under its name only when it is whole, verified
// as a Stream is, and on the disk (see WithoutSync); it replaces what was there.
//
// Until then it grows under a hidden name beside dest. What an ended process
// or a failed download left there is continued, by one request, if the storage
// still has the same version of the file; otherwise it starts over. Two
// downloads of one file at a time do not meet: the second has a name of its
// own, which does not last. What a process leaves that is killed, and no later
// download takes up, stays: files named .NAME.*.part and .NAME.*.part.json* are
// there to be removed when nothing is downloaded.
//
// A file that is not what its digest says is removed and asked for once more;
// then the error is ErrCorrupt. A file that is replaced again and again while it
// comes is ErrChanged. A path that is not in storage is ErrNotFound. A dest that
// is a link to a file is replaced itself, not what it leads to.
//
//mibi:route GET /download/
func (s *FilesService) Download(ctx context.Context, path, dest string, opts ...DownloadOption) (*Downloaded, error) {
	target, err := destination(path, dest)
	if err != nil {
		return nil, fmt.Errorf("downloading %q: %w", path, err)
	}
	d, err := s.download(path, target, opts)
	if err != nil {
		return nil, err
	}
	if err = d.run(ctx); err == nil {
		if err = d.part.finish(target, !d.lazy); err != nil {
			d.part.note(d.done.Size, d.sum, true)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("downloading %q to %s: %w%s", path, target, err, d.part.leave(err))
	}
	d.done.Path = target
	return &d.done, nil
}

// download opens the part of a target, and makes what fills it.
func (s *FilesService) download(path, target string, opts []DownloadOption) (*download, error) {
	d := &download{client: s.client, sign: s.signer(path), progress: func(int64, int64) {}}
	for _, opt := range opts {
		opt(d)
	}
	err := d.judge.check()
	if err == nil {
		d.part, err = openPart(target, s.client.BaseURL()+"\x00"+path, !d.alone)
	}
	if err != nil {
		return nil, fmt.Errorf("downloading %q to %s: %w", path, target, err)
	}
	return d, nil
}

// download is one call of Download.
type download struct {
	client   *Client
	sign     signFunc
	progress func(done, total int64)
	alone    bool
	lazy     bool
	judge    judge
	part     *part
	sum      hash.Hash // of what the part holds
	done     Downloaded
}

// run fills the part. What is corrupt, changes on the way, or breaks off and
// cannot be continued starts over.
func (d *download) run(ctx context.Context) error {
	retry := d.client.retry
	for changed, corrupt, broken := 0, 0, 0; ; {
		err := d.attempt(ctx)
		if err == nil {
			err = d.judge.verify(ctx, d)
		}
		var final finalError
		switch {
		case errors.As(err, &final):
			return err
		case errors.Is(err, ErrCorrupt) && corrupt == 0:
			corrupt++
		case errors.Is(err, ErrChanged) && changed < maxRestarts:
			changed++
		case errors.Is(err, ErrNoRanges) && broken < retry.retries && ctx.Err() == nil:
			if pause(ctx, retry.backoff(broken)) != nil {
				return err
			}
			broken++
		default:
			return err
		}
		d.client.log.WarnContext(ctx, "a download starts over", "because", err)
		if err := d.part.empty(); err != nil {
			return err
		}
	}
}

// attempt goes on where the part ends.
func (d *download) attempt(ctx context.Context) error {
	d.sum = sha256.New()
	from, v, err := d.part.kept(d.sum, d.judge.how())
	if err != nil {
		return err
	}
	if from > 0 && d.judge.whole(d.sum) {
		d.progress(from, from)
		d.done = Downloaded{Size: from, Resumed: from, SHA256: d.judge.sha256}
		return nil
	}
	// Nothing can be asked for behind the end: the last byte is read again.
	ask := from
	if v.Size >= 0 && ask == v.Size {
		ask = max(ask-1, 0)
	}
	stream, err := d.client.openStreamAt(ctx, d.sign, ask, v)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	digest := stream.source.digest
	if err := d.judge.announced(digest, stream.Size); err != nil {
		return fmt.Errorf("GET %s: %w", stream.source.where, err)
	}
	if ask == 0 || stream.source.at != ask {
		from = 0
	}
	if stream.source.at < from {
		if _, err := io.CopyN(io.Discard, stream, from-stream.source.at); err != nil {
			return err
		}
	}
	if from == 0 {
		d.sum.Reset()
		if err := d.part.empty(); err != nil {
			return err
		}
	}
	check := d.sum
	if digest.sum != nil && digest.name != nameSHA256 {
		check = digest.make()
		if err := d.part.hash(check, from); err != nil {
			return err
		}
	}
	d.part.begin(stream.source.seen, from, d.sum)
	size, err := d.copy(stream, from, check)
	if err != nil {
		return err
	}
	if digest.sum != nil {
		if err := digest.verify(check); err != nil {
			return fmt.Errorf("GET %s: %w", stream.source.where, err)
		}
	}
	d.judge.vouched = digest.sum != nil
	d.done = Downloaded{Size: size, Resumed: from, SHA256: hex.EncodeToString(d.sum.Sum(nil)), ETag: stream.ETag}
	return nil
}

// copy writes the stream to the part, whose first bytes are there already.
func (d *download) copy(stream *Stream, done int64, check hash.Hash) (int64, error) {
	d.progress(done, stream.Size)
	buffer := make([]byte, downloadBuffer)
	for {
		n, err := stream.Read(buffer)
		if n > 0 {
			if err := d.judge.fits(done + int64(n)); err != nil {
				return done, err
			}
			if err := d.part.write(buffer[:n]); err != nil {
				return done, err
			}
			d.sum.Write(buffer[:n])
			if check != d.sum {
				check.Write(buffer[:n])
			}
			done += int64(n)
			d.part.note(done, d.sum, false)
			d.progress(done, stream.Size)
		}
		switch {
		case err == io.EOF:
			return done, nil
		case err != nil:
			d.part.note(done, d.sum, true)
			return done, err
		}
	}
}

// destination is the file that a download makes.
func destination(path, dest string) (string, error) {
	if dest == "" {
		dest = "."
	}
	info, err := os.Stat(dest)
	switch {
	case err == nil && info.IsDir(), err != nil && os.IsPathSeparator(dest[len(dest)-1]):
		if err != nil {
			return "", err
		}
		name, err := fileName(path)
		if err != nil {
			return "", err
		}
		target := filepath.Join(dest, name)
		if there, err := os.Lstat(target); err == nil && there.IsDir() {
			return "", fmt.Errorf("%s is a folder", target)
		}
		return target, nil
	case err == nil && !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is neither a file nor a folder", dest)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		// A name that is too long, or leads through a file: better now than when
		// all has come.
		return "", err
	}
	return filepath.Clean(dest), nil
}
