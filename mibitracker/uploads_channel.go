package mibitracker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// ChannelUpload is what the backend said to the upload of a channel.
type ChannelUpload struct {
	// ImageID and Channel are the image and the name that its channel has;
	// zero where the backend does not say.
	ImageID int64  `json:"image_id"`
	Channel string `json:"channel"`
	// Answer is the body of its answer, as it came; it may be empty.
	Answer []byte `json:"-"`
}

// Channel uploads a grayscale PNG or TIFF as a channel of an image. The file's
// name is the channel's, and its extension says the type: "CD45.tiff",
// "cell_boundaries.png"; a name without one is a *FileTypeError. A channel of
// that name that was uploaded before is replaced. What the backend refuses,
// such as another size than the image's, is an *APIError.
//
//mibi:route POST /images/{id}/upload_channel/
func (s *UploadsService) Channel(ctx context.Context, imageID int64, file Source) (*ChannelUpload, error) {
	if file.Name == "" || file.Open == nil || file.Size <= 0 {
		return nil, errors.New("mibitracker: an uploaded channel needs a file that is not empty and its name, which becomes the channel's")
	}
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(file.Name), "."))
	switch extension {
	case "":
		return nil, &FileTypeError{Name: file.Name, Want: []string{".png", ".tif", ".tiff"}}
	case "tif":
		extension = "tiff"
	}
	answer, err := s.client.answered(ctx, Request{
		Method: http.MethodPost, Route: imageRoute(imageID) + "upload_channel/", Timeout: s.client.waitData,
		Body: MultipartBody(Part{Name: "attachment", File: &file, ContentType: "image/" + extension}),
		// The same channel again replaces itself.
		Repeat: true,
	})
	if err != nil {
		return nil, fmt.Errorf("uploading %s to image %d: %w", file.Name, imageID, err)
	}
	u := &ChannelUpload{Answer: answer}
	// What a backend answers here is not agreed on.
	_ = json.Unmarshal(answer, u)
	return u, nil
}

// answered gives what a backend said to an upload that it took, whether or not
// all of it arrives.
func (c *Client) answered(ctx context.Context, r Request) ([]byte, error) {
	resp, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw := leftover(resp.Body, maxErrorBody, textTime)
	return raw, nil
}
