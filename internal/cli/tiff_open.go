package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// bytesFunc gets a file's bytes, the name that errors give it, and how its
// index is best read.
type bytesFunc func(r io.ReaderAt, size int64, name string, opts ...mibitiff.Option) error

// withBytes opens a file here or at a URL for do, whatever it holds: what is to be
// checked may be no MIBItiff.
func withBytes(ctx context.Context, g *globals, where string, do bytesFunc) error {
	if where == "" {
		return usage(errors.New("FILE is empty: give a file or a URL"))
	}
	if lower := strings.ToLower(where); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		return withBytesAt(ctx, g, where, do)
	}
	info, err := os.Stat(where)
	switch {
	case err != nil:
		return given(err)
	case !info.Mode().IsRegular(): // a pipe has no end to read the index from
		return fmt.Errorf("%s is not a file", where)
	}
	file, err := os.Open(where)
	if err != nil {
		return given(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if info, err = file.Stat(); err != nil {
		return err
	}
	return do(file, info.Size(), where)
}

// withBytesAt is withBytes for a URL.
func withBytesAt(ctx context.Context, g *globals, where string, do bytesFunc) error {
	opts, err := g.transferOptions()
	if err != nil {
		return err
	}
	remote, err := mibitracker.OpenURL(ctx, where, opts...)
	if errors.Is(err, mibitracker.ErrUnauthorized) {
		// To log in to the profile's server would not help.
		return &refusedError{fmt.Errorf("%s; no login is sent to a URL: give a signed one, or use mibi download", err.Error())}
	}
	if errors.Is(err, mibitracker.ErrLinkRefused) {
		return &refusedError{err} // a link that was given, not one that a server has just made
	}
	if err != nil {
		return err
	}
	defer func() { _ = remote.Close() }()
	// How much to read ahead is the remote file's to know.
	return do(remote, remote.Size(), unsigned(where), mibitiff.WithReadAhead(1))
}

// unsigned is a URL that was opened, as it may be shown.
func unsigned(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "the URL"
	}
	if u.RawQuery != "" {
		u.RawQuery = "..."
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}
