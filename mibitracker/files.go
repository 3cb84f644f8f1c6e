package mibitracker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// FilesService is Client.Files ("Files in storage" in the contract). A path
// is one in storage, such as "<run.path>/<image.folder>/summed_image.tiff".
type FilesService service

// Sign gives a signed, short-lived URL of a file. It is a secret: it needs no
// credentials. A path that is not there is ErrNotFound.
//
//mibi:route GET /download/
func (s *FilesService) Sign(ctx context.Context, path string) (string, error) {
	return s.client.signedURL(ctx, "/download/", query("path", path))
}

// Open streams a file from its beginning. The caller closes the stream.
//
//mibi:route GET /download/
func (s *FilesService) Open(ctx context.Context, path string) (*Stream, error) {
	return s.client.openStream(ctx, func(ctx context.Context) (string, error) { return s.Sign(ctx, path) })
}

// Stream is a file that is being downloaded. A download that breaks off
// before Size is an error of Read, never a short file.
type Stream struct {
	io.ReadCloser
	// Size is in bytes; -1 where the storage does not say.
	Size int64
	// ContentType and ETag are the storage's; both may be empty.
	ContentType, ETag string
}

type signFunc func(context.Context) (string, error)

func (c *Client) signedURL(ctx context.Context, route string, q url.Values) (string, error) {
	var answer struct {
		URL string `json:"url"`
	}
	if err := c.JSON(ctx, Request{Route: route, Query: q}, &answer); err != nil {
		return "", err
	}
	if answer.URL == "" {
		return "", &UnexpectedAnswerError{Reason: "GET " + route + " answered without a URL"}
	}
	return answer.URL, nil
}

func (c *Client) openStream(ctx context.Context, sign signFunc) (*Stream, error) {
	signed, err := sign(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.sendSigned(ctx, http.MethodGet, signed, nil, nil) //nolint:bodyclose // the Stream's owner closes it
	if signatureRefused(err) {
		if signed, err = sign(ctx); err != nil {
			return nil, err
		}
		resp, err = c.sendSigned(ctx, http.MethodGet, signed, nil, nil) //nolint:bodyclose // as above
	}
	if err != nil {
		return nil, err
	}
	return &Stream{
		ReadCloser: resp.Body, Size: resp.ContentLength,
		ContentType: resp.Header.Get("Content-Type"), ETag: resp.Header.Get("ETag"),
	}, nil
}

// signatureRefused tells the answers that storages give to an expired URL;
// they do not agree on one.
func signatureRefused(err error) bool {
	var refused *APIError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusGone:
		return true
	}
	return false
}
