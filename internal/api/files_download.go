package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/openmibi/openmibi/internal/store"
)

// signedURL is what routes answer that lead to a file.
type signedURL struct {
	URL string `json:"url"`
}

// download is GET /download/?path=RUN_PATH/FOLDER/FILE: a signed URL of the
// file. (Contract: Files in storage.)
func (a *API) download(ctx context.Context, c *Call, _ *none) (*reply[signedURL], error) {
	file := c.Request.URL.Query().Get("path")
	if file == "" {
		return nil, fieldProblem("path", "This parameter is required.")
	}
	if escapes(file) {
		return nil, fieldProblem("path", "Not a path in storage: RUN_PATH/FOLDER/FILE.")
	}
	run, rest, _ := strings.Cut(file, "/")
	found, err := a.findFile(ctx, c.Viewer(), run, rest)
	if err != nil {
		return nil, err
	}
	return ok(signedURL{a.signed(c.Request, found)}), nil
}

// maxUnescape is how often a path may have been percent-encoded on its way
// here for us to see through it.
const maxUnescape = 3

// escapes tells whether a path is none that storage could have: one that is
// absolute, climbs, or would do so once it is decoded again.
func escapes(p string) bool {
	for range maxUnescape {
		if !clean(p) || strings.HasPrefix(p, "/") || strings.ContainsRune(p, '\\') || strings.ContainsFunc(p, unicode.IsControl) {
			return true
		}
		for segment := range strings.SplitSeq(p, "/") {
			if segment == "" || segment == "." || segment == ".." {
				return true
			}
		}
		decoded, err := url.PathUnescape(p)
		if err != nil || decoded == p {
			return false // no encoding, but a name with a percent sign
		}
		p = decoded
	}
	return true
}

// findFile finds a file by the run's folder and what follows it. An image's
// files are for those who may see the image, the run's XML for those who may
// see the run.
func (a *API) findFile(ctx context.Context, v store.Viewer, runPath, rest string) (storedFile, error) {
	run, err := a.Store.RunByPath(ctx, runPath)
	if err != nil {
		return storedFile{}, err
	}
	if rest == run.XMLName {
		if err := a.Store.SeesRun(ctx, v, run.RunID); err != nil {
			return storedFile{}, err
		}
		return storedFile{run.XMLKey, run.XMLName, "application/xml", run.SHA256, run.XMLSize}, nil
	}
	folder, name := path.Dir(rest), path.Base(rest)
	id, err := a.Store.ImageByFolder(ctx, run.RunID, folder)
	if err != nil {
		return storedFile{}, err
	}
	image, err := a.Store.Image(ctx, v, id)
	switch {
	case err != nil:
		return storedFile{}, err
	case name == tiffName && image.TIFF != nil:
		return storedFile{image.TIFF.Key, tiffName, mediaTIFF, image.TIFF.SHA256, image.TIFF.Size}, nil
	case image.SEDKey != "" && image.SED != nil && name == *image.SED:
		return storedFile{image.SEDKey, name, pictureType(name), image.SEDSHA256, image.SEDSize}, nil
	}
	return storedFile{}, notFoundProblem()
}

// pictureType is the media type that a picture's name says.
func pictureType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return "image/png"
	case ".tif", ".tiff":
		return mediaTIFF
	case ".bmp":
		return "image/bmp"
	}
	return mediaBytes
}

// isNotFound tells whether the viewer has no such object.
func isNotFound(err error) bool {
	var p *problem
	return errors.Is(err, store.ErrNotFound) || errors.As(err, &p) && p.status == http.StatusNotFound
}
