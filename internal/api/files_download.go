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

// fileURL is the answer of download. Index is for those who prefer to have it.
type fileURL struct {
	URL   string     `json:"url"`
	Index *fileIndex `json:"index,omitempty"`
}

// fileIndex is what a reader of a MIBItiff needs before its pixels: pieces of
// the file. It holds for the version that storage tags with ETag.
type fileIndex struct {
	ETag    string     `json:"etag"`
	Size    int64      `json:"size"`    // of the whole file, in bytes
	Spans   [][2]int64 `json:"spans"`   // offset and length of each piece
	Deflate []byte     `json:"deflate"` // the pieces, one after the other
}

// preferIndex asks download for a MIBItiff's index, in the header Prefer.
const preferIndex = "tiff-index"

// download is GET /download/?path=RUN_PATH/FOLDER/FILE: a signed URL of the
// file. (Contract: Files in storage.)
func (a *API) download(ctx context.Context, c *Call, _ *none) (*reply[fileURL], error) {
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
	answer := fileURL{URL: a.signed(c.Request, found.storedFile)}
	c.Writer.Header().Add("Vary", "Prefer")
	if found.tiffOf == 0 || !prefers(c.Request.Header, preferIndex) {
		return ok(answer), nil
	}
	index, err := a.Store.TIFFIndex(ctx, found.tiffOf, found.key)
	if err != nil || len(index.Spans) == 0 {
		return ok(answer), err
	}
	answer.Index = &fileIndex{ETag: entityTag(found.sha256), Size: found.size, Deflate: index.Packed}
	for _, s := range index.Spans {
		answer.Index.Spans = append(answer.Index.Spans, [2]int64{s.Offset, s.Length})
	}
	c.Writer.Header().Set("Preference-Applied", preferIndex)
	return ok(answer), nil
}

// prefers tells whether a request's header Prefer (RFC 7240) has a preference
// without a value.
func prefers(h http.Header, name string) bool {
	for _, line := range h.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			token, _, _ := strings.Cut(preference, ";")
			if strings.EqualFold(strings.TrimSpace(token), name) {
				return true
			}
		}
	}
	return false
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

// foundFile is a stored file, and the image whose MIBItiff it is, or 0.
type foundFile struct {
	storedFile
	tiffOf int64
}

// findFile finds a file by the run's folder and what follows it. An image's
// files are for those who may see the image, the run's XML for those who may
// see the run.
func (a *API) findFile(ctx context.Context, v store.Viewer, runPath, rest string) (foundFile, error) {
	run, err := a.Store.RunByPath(ctx, runPath)
	if err != nil {
		return foundFile{}, err
	}
	if rest == run.XMLName {
		if err := a.Store.SeesRun(ctx, v, run.RunID); err != nil {
			return foundFile{}, err
		}
		return foundFile{storedFile: storedFile{run.XMLKey, run.XMLName, "application/xml", run.SHA256, run.XMLSize}}, nil
	}
	folder, name := path.Dir(rest), path.Base(rest)
	id, err := a.Store.ImageByFolder(ctx, run.RunID, folder)
	if err != nil {
		return foundFile{}, err
	}
	image, err := a.Store.Image(ctx, v, id)
	switch {
	case err != nil:
		return foundFile{}, err
	case name == tiffName && image.TIFF != nil:
		return foundFile{storedFile{image.TIFF.Key, tiffName, mediaTIFF, image.TIFF.SHA256, image.TIFF.Size}, image.ID}, nil
	case image.SEDKey != "" && image.SED != nil && name == *image.SED:
		return foundFile{storedFile: storedFile{image.SEDKey, name, pictureType(name), image.SEDSHA256, image.SEDSize}}, nil
	}
	return foundFile{}, notFoundProblem()
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
