package mibitracker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// UploadsService is Client.Uploads ("Uploading a MIBItiff" in the contract).
type UploadsService service

// Upload is what the backend said to an upload.
type Upload struct {
	// Location names the uploaded file to the backend.
	Location string
	// Answer is the body of its last answer, as it came; it may be empty.
	Answer []byte
}

// MIBItiff uploads a MIBItiff to a run, by its id: it asks for a signed URL,
// sends the file there with its length and without credentials, and queues it
// for processing. The backend finds the image by the file's own metadata; its
// refusal of a file of another run is an *APIError. Images.WaitAvailable then
// waits for the processing.
//
//mibi:route GET /upload_mibitiff/sign_tiff_url/
//mibi:route POST /upload_mibitiff/
func (s *UploadsService) MIBItiff(ctx context.Context, runID int64, tiff Source) (*Upload, error) {
	if runID <= 0 || tiff.Open == nil || tiff.Size <= 0 {
		return nil, fmt.Errorf("mibitracker: an upload needs a run's id and a file that is not empty")
	}
	c := s.client
	place, err := s.put(ctx, runID, tiff)
	if place != nil && errors.Is(err, ErrLinkRefused) {
		// It may have expired on the way.
		place, err = s.put(ctx, runID, tiff)
	}
	if err != nil {
		return nil, err
	}
	u := &Upload{Location: string(place.Location)}
	if text, ok := bareText(place.Location); ok {
		u.Location = text
	}
	// Checking a large file may take the server longer than a plain answer.
	u.Answer, err = c.answered(ctx, Request{
		Method: http.MethodPost, Route: "/upload_mibitiff/", Timeout: c.waitData,
		Body: JSONBody(map[string]any{"location": place.Location, "run_id": runID}),
		// The same location again queues nothing.
		Repeat: true,
	})
	if err != nil {
		return nil, fmt.Errorf("queuing %s: %w", tiff.Name, err)
	}
	return u, nil
}

// signedPlace is where a file is to be put.
type signedPlace struct {
	URL      string          `json:"url"`
	Location json.RawMessage `json:"location"` // opaque: sent back as it came
}

// put asks where the file is to go, and sends it there. With an error of the
// sending it gives the place, too.
func (s *UploadsService) put(ctx context.Context, runID int64, tiff Source) (*signedPlace, error) {
	place, err := object[signedPlace](ctx, s.client, Request{
		Route: "/upload_mibitiff/sign_tiff_url/", Query: query("run_id", strconv.FormatInt(runID, 10)),
	})
	if err != nil {
		return nil, fmt.Errorf("asking where to upload %s: %w", tiff.Name, err)
	}
	if place.URL == "" || len(place.Location) == 0 || string(place.Location) == "null" {
		return nil, &UnexpectedAnswerError{Reason: "the server gave no place to upload to"}
	}
	resp, err := s.client.sendSigned(ctx, http.MethodPut, place.URL, nil, SourceBody("image/tiff", tiff))
	if err != nil {
		return place, fmt.Errorf("uploading %s: %w", tiff.Name, err)
	}
	_ = drop(resp)
	return place, nil
}
