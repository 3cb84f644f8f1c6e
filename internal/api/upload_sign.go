package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// signedUpload is the answer of the first step of an upload.
type signedUpload struct {
	URL      string `json:"url"`
	Location string `json:"location"`
}

// signUpload is GET /upload_mibitiff/sign_tiff_url/?run_id=: the first step of
// an upload. It gives a place to PUT a MIBItiff of the run to.
func (a *API) signUpload(ctx context.Context, c *Call, _ *none) (*reply[signedUpload], error) {
	text := c.Request.URL.Query().Get("run_id")
	if text == "" {
		return nil, fieldProblem("run_id", "This parameter is required.")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return nil, fieldProblem("run_id", "Not a valid id: %s.", quote(text))
	}
	if _, err := c.runForUpload(ctx, id); err != nil {
		return nil, err
	}
	u := model.Upload{ID: rand.Text(), RunID: id, AccountID: c.Account.ID, ExpiresAt: a.Now().Add(grantLifetime)}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		staged, err := tx.Staged(ctx, u.AccountID, a.Now())
		if err != nil {
			return err
		}
		if staged.Open >= a.MaxOpenUploads {
			return newProblem(http.StatusTooManyRequests, "Your account has %d uploads that are not queued. "+
				"Queue them (POST /upload_mibitiff/), or wait until their URLs have expired.", staged.Open).with("Retry-After", "60")
		}
		return tx.AddUpload(ctx, u)
	})
	if err != nil {
		return nil, err
	}
	return ok(signedUpload{Location: u.ID, URL: a.storageURL(c.Request, tiffName, auth.Grant{
		// The key is a folder: every PUT makes an object of its own in it.
		Method: http.MethodPut, Key: "uploads/" + uuid.NewString(), FileName: tiffName, ContentType: mediaTIFF,
		Size: a.MaxUpload, UploadID: u.ID, Expires: u.ExpiresAt,
	})}), nil
}

// runForUpload is a run that the caller may put images into.
func (c *Call) runForUpload(ctx context.Context, id int64) (*model.Run, error) {
	run, err := c.api.Store.Run(ctx, c.Viewer(), id)
	if err != nil {
		return nil, err
	}
	if err := c.mayEdit(run.Project, run.CreatorID); err != nil {
		return nil, forbidden("You may see run %s but not upload to it.", quote(run.Label))
	}
	return run, nil
}
