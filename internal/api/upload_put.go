package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// received is what a PUT of a MIBItiff answers.
type received struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// putStored is PUT /storage/{file}: the second step of an upload. The bytes
// are durable, and recorded, before the answer. Each PUT makes an object of
// its own: a repeated or a concurrent one never mixes with another.
// Credentials are not looked at.
func (a *API) putStored(_ *Call, w http.ResponseWriter, r *http.Request) (err error) {
	g, err := a.granted(r)
	if err != nil {
		return err
	}
	upload, err := a.checkPut(r, g)
	if err != nil {
		return err
	}
	ctx := r.Context()
	body, err := a.stagedBody(ctx, upload, r.Body, r.ContentLength)
	if err != nil {
		return err
	}
	defer body.close()
	var file stagedFile
	defer func() { a.unstage(ctx, file, err) }()
	if file, err = a.stage(ctx, g.Key+"/"+uuid.NewString(), g.FileName, &wholeBody{r: body, left: r.ContentLength}, g.Size); err != nil {
		return readProblem(err)
	}
	if err := a.reach(ctx, "upload.staged"); err != nil {
		return err
	}
	sum := hex.EncodeToString(file.info.SHA256[:])
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		if upload, err = notQueued(ctx, tx, g.UploadID); err != nil {
			return err
		}
		if err := tx.UploadReceived(ctx, g.UploadID, file.key, file.info.Size, sum); err != nil {
			return err
		}
		file.kept = true
		return tx.Keep(ctx, file.reserved)
	})
	if err != nil {
		return err
	}
	if err := a.reach(ctx, "upload.recorded"); err != nil {
		return err
	}
	if upload.Key != "" {
		// It is garbage already. Repeated uploads need not wait for the sweeper.
		if err := a.Blobs.Delete(context.WithoutCancel(ctx), upload.Key); err != nil {
			a.Logger.WarnContext(ctx, "a replaced upload stays until it is collected", "key", upload.Key, "error", err)
		}
	}
	w.Header().Set("ETag", `"`+sum+`"`)
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(received{file.info.Size, sum}); err != nil {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	return nil
}

// checkPut refuses what can be refused before the bytes are read.
func (a *API) checkPut(r *http.Request, g auth.Grant) (u model.Upload, _ error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != g.ContentType {
		return u, newProblem(http.StatusUnsupportedMediaType, "Send the file with Content-Type: %s", g.ContentType)
	}
	if r.Header.Get("Content-Range") != "" {
		return u, newProblem(http.StatusBadRequest, "Send the whole file: a part of it (Content-Range) is not accepted.")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return u, newProblem(http.StatusUnsupportedMediaType, "Send the file as it is: Content-Encoding %s is not accepted.", quote(encoding))
	}
	if r.ContentLength > g.Size {
		return u, newProblem(http.StatusRequestEntityTooLarge, "The file has %d bytes, at most %d are accepted.", r.ContentLength, g.Size)
	}
	return notQueued(r.Context(), a.Store, g.UploadID)
}

// notQueued refuses bytes for an upload that is being processed already, or
// that was forgotten.
func notQueued(ctx context.Context, q interface {
	Upload(ctx context.Context, id string) (model.Upload, error)
}, id string) (model.Upload, error) {
	u, err := q.Upload(ctx, id)
	if isNotFound(err) {
		return u, forbidden("The upload was not finished in time and is forgotten. Ask for a new URL.")
	}
	if err != nil {
		return u, err
	}
	if u.JobID != nil {
		return u, newProblem(http.StatusConflict, "This upload is complete and queued. Ask for a new URL to upload again.")
	}
	return u, nil
}

// wholeBody tells a body that ends before its announced length from one that
// is whole: less than was announced must leave nothing behind.
type wholeBody struct {
	r    io.Reader
	left int64 // -1: not announced
}

func (b *wholeBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left >= 0 {
		b.left -= int64(n)
	}
	if errors.Is(err, io.EOF) && b.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
