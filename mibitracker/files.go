package mibitracker

import (
	"context"
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

// Open streams a file from its beginning; Download is the way to a file on
// disk, OpenAt the way to parts of one. The caller closes the stream. A path
// that is not there is ErrNotFound.
//
//mibi:route GET /download/
func (s *FilesService) Open(ctx context.Context, path string) (*Stream, error) {
	return s.client.openStream(ctx, s.signer(path))
}

func (s *FilesService) signer(path string) signFunc {
	return func(ctx context.Context) (string, error) { return s.Sign(ctx, path) }
}

// signFunc gives a new signed URL of one file.
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
