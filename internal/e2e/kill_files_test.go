package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// uploadChannel adds an extra channel to an image of the worker's run.
func (w *killWorker) uploadChannel(ctx context.Context) error {
	w.run.channel++
	image := w.run.toFill
	p := &killPost{path: fmt.Sprintf("/images/%d/upload_channel/", image), image: image,
		name: fmt.Sprintf("extra %d", w.run.channel), body: formBody("attachment", fmt.Sprintf("extra %d.png", w.run.channel), "image/png", w.load.png, nil)}
	_, err := w.post(ctx, p)
	return err
}

// putSED gives an image of the worker's run an SED image, which takes the place
// of the one before.
func (w *killWorker) putSED(ctx context.Context) error {
	name := w.name() + ".png"
	body := formBody("attachment", name, "image/png", w.load.png, nil)
	image := w.run.images[0]
	before := w.seds[image]
	w.seds[image] = before + "|" + name // either may be there
	status, text, err := w.send(ctx, http.MethodPut, fmt.Sprintf("%s/images/%d/", w.load.url, image), &body, "")
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("PUT of an SED image: %d %s", status, text)
	}
	w.seds[image] = name
	w.acks++
	w.load.acknowledged()
	return nil
}

// uploadTIFF goes the three steps of an upload.
func (w *killWorker) uploadTIFF(ctx context.Context) error {
	status, text, err := w.send(ctx, http.MethodGet, fmt.Sprintf("%s/upload_mibitiff/sign_tiff_url/?run_id=%d", w.load.url, w.run.id), nil, "")
	if err != nil {
		return err
	}
	var signed struct{ URL, Location string }
	if err := json.Unmarshal([]byte(text), &signed); err != nil || status != http.StatusOK {
		return fmt.Errorf("sign: %d %s: %w", status, text, err)
	}
	body := killBody{"image/tiff", string(w.load.fov.tiff)}
	if status, text, err = w.send(ctx, http.MethodPut, signed.URL, &body, ""); err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("PUT of a TIFF: %d %s", status, text)
	}
	image := w.run.toFill
	_, err = w.post(ctx, &killPost{path: "/upload_mibitiff/", image: image, name: signed.Location,
		body: jsonBody(map[string]any{"location": signed.Location, "run_id": w.run.id})})
	if err == nil {
		w.tiffs[image] = true
	}
	return err
}
