package api

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/blob"
)

// grantLifetime is how long a signed URL can be used. A transfer that has
// begun may go on. It is below the time for which the store keeps what was
// replaced, so that a URL never outlives its object.
const grantLifetime = time.Hour

const (
	mediaTIFF  = "image/tiff"
	mediaBytes = "application/octet-stream"
)

// storedFile is a blob as a signed URL shows it.
type storedFile struct {
	key, name, contentType, sha256 string
	size                           int64
}

// signed is the absolute URL at which the bearer can read a file, for a while.
// (Contract: Files in storage.)
func (a *API) signed(r *http.Request, f storedFile) string {
	name := urlName(f.name)
	return a.storageURL(r, name, auth.Grant{
		Method: http.MethodGet, Key: f.key, FileName: name, ContentType: f.contentType, Size: f.size, ETag: f.sha256,
		Expires: a.Now().Add(grantLifetime),
	})
}

func (a *API) storageURL(r *http.Request, name string, g auth.Grant) string {
	return a.absolute(r, "/storage/"+url.PathEscape(name), url.Values{"grant": {a.Signer.Sign(g)}})
}

// entityTag is the ETag of bytes with a hash.
func entityTag(sha256 string) string { return `"` + sha256 + `"` }

// maxURLName is the longest file name in a signed URL, in characters.
const maxURLName = 100

// urlName makes a name fit to be one segment of a URL and a file's name: what
// a proxy or a file system would take for more than a name is replaced.
func urlName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(name, "-"))
	if runes := []rune(name); len(runes) > maxURLName {
		ext := path.Ext(name)
		if len(ext) > 8 {
			ext = ""
		}
		name = string(runes[:maxURLName-len(ext)]) + ext
	}
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}

// granted checks the grant of a signed URL.
func (a *API) granted(r *http.Request) (auth.Grant, error) {
	g, err := a.Signer.Verify(r.URL.Query().Get("grant"), r.Method, a.Now())
	switch {
	case errors.Is(err, auth.ErrExpired):
		return g, forbidden("The signed URL has expired. Ask for a new one.")
	case errors.Is(err, auth.ErrMethod):
		return g, forbidden("The signed URL is not for %s.", r.Method)
	case err != nil:
		return g, forbidden("The signed URL is not valid.")
	}
	return g, nil
}

// maxRanges is how many parts of a file one request gets. Each costs a read and
// a hundred bytes of headers, whatever its length; a server may ignore a Range.
const maxRanges = 64

// getStored is GET and HEAD /storage/{file}: the bytes that a signed URL
// stands for, with ranges. Credentials are not looked at. The digest is of the
// whole file, in answers with a part of it, too. (Contract: Files in storage.)
func (a *API) getStored(_ *Call, w http.ResponseWriter, r *http.Request) error {
	g, err := a.granted(r)
	if err != nil {
		return err
	}
	o, err := a.Blobs.Open(r.Context(), g.Key)
	if errors.Is(err, blob.ErrNotFound) {
		return newProblem(http.StatusNotFound, "The file is not there any more. Ask for a new URL.")
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", g.ContentType)
	if disposition := mime.FormatMediaType("attachment", map[string]string{"filename": g.FileName}); disposition != "" {
		h.Set("Content-Disposition", disposition)
	}
	h.Set("Cache-Control", "private, no-transform")
	if g.ETag != "" {
		h.Set("ETag", entityTag(g.ETag))
	}
	if digest := reprDigest(g.ETag); digest != "" {
		h.Set("Repr-Digest", digest)
	}
	if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
		r.Header.Del("Range")
	}
	http.ServeContent(&storedAnswer{ResponseWriter: w, size: o.Info().Size}, r, "", o.Info().ModTime, o)
	if err := o.Close(); err != nil {
		a.Logger.WarnContext(r.Context(), "a stored file did not close", "key", g.Key, "error", err)
	}
	return nil
}
