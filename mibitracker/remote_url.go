package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// OpenURL reads the file at a URL by parts, as FilesService.OpenAt does a file
// in storage, without a backend: a signed URL that somebody was given, or a
// file on any server that serves ranges. Without ranges the error is
// ErrNoRanges. The context holds until the file is closed.
//
// Nothing is sent that would tell who asks: neither credentials nor cookies.
// Options that bring credentials are refused, and so is a URL that holds a user
// name. Those for the transport, timeouts, repetitions and the log hold. A
// signed URL that has expired is an *APIError: there is nobody to ask for
// another one.
func OpenURL(ctx context.Context, address string, opts ...Option) (*RemoteFile, error) {
	target, err := parseFileURL(address)
	if err != nil {
		return nil, err
	}
	cfg := defaults()
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			return nil, fmt.Errorf("mibitracker: %w", err)
		}
	}
	if cfg.token != "" || cfg.email != "" {
		return nil, errors.New("mibitracker: credentials are for a backend, and not sent to a file's URL")
	}
	c := &Client{
		base: &url.URL{Scheme: target.Scheme, Host: target.Host},
		log:  cfg.log, agent: cfg.agent, waitData: cfg.waitData, retry: &cfg.retry,
	}
	if c.api, c.storage, err = c.httpClients(cfg); err != nil {
		return nil, fmt.Errorf("mibitracker: %w", err)
	}
	f := &RemoteFile{client: c, url: target.String(), seen: version{Size: -1}}
	if cfg.http == nil {
		f.done = c.CloseIdleConnections // they are its own
	}
	f.ctx, f.cancel = context.WithCancel(ctx)
	if err := f.begin(nil); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// parseFileURL takes a URL of a file. Errors repeat nothing of it: it may hold
// a password or a signature.
func parseFileURL(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil:
		return nil, errors.New("mibitracker: the file's URL cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("mibitracker: the file's URL is not of the form https://host/path")
	case u.User != nil:
		return nil, errors.New("mibitracker: the file's URL holds a user name or password, which are not sent")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}
