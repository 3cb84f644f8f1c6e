package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Update changes the fields of an image that are given, by their names on the
// wire ("Images" in the contract), and keeps the others; nil clears a field.
// Related objects are ids: "tissue", "section", "aperture", "project". It
// gives the image as it then is.
//
//mibi:route PUT /images/{id}/
func (s *ImagesService) Update(ctx context.Context, id int64, fields map[string]any) (*Image, error) {
	return update[Image](ctx, s.client, imageRoute(id), fields)
}

// UpdateWithSED is Update with an SED image to attach: a BMP, TIFF or PNG, by
// the extension of its name in any case; another is a *FileTypeError. Fields
// travel in a form, which has no null: nil leaves a field as it is.
//
//mibi:route PUT /images/{id}/
func (s *ImagesService) UpdateWithSED(ctx context.Context, id int64, sed Source, fields map[string]any) (*Image, error) {
	contentType, err := sedType(sed.Name)
	if err != nil {
		return nil, err
	}
	if sed.Open == nil {
		return nil, errors.New("mibitracker: an SED image needs a content")
	}
	parts, err := formParts(fields)
	if err != nil {
		return nil, err
	}
	parts = append(parts, Part{Name: "attachment", File: &sed, ContentType: contentType})
	return object[Image](ctx, s.client, Request{
		Method: http.MethodPut, Route: imageRoute(id), Body: MultipartBody(parts...), Timeout: s.client.waitData,
	})
}

// Delete hides an image from all lists ("Lists" in the contract).
//
//mibi:route DELETE /images/{id}/
func (s *ImagesService) Delete(ctx context.Context, id int64) error {
	return s.client.JSON(ctx, Request{Method: http.MethodDelete, Route: imageRoute(id)}, nil)
}

func imageRoute(id int64) string { return fmt.Sprintf("/images/%d/", id) }

// FileTypeError is a file whose name does not have one of the extensions that
// are needed to say what it is. errors.Is(err, errors.ErrUnsupported) holds.
type FileTypeError struct {
	// Name is the file's name.
	Name string
	// Want are extensions that are taken, with their point.
	Want []string
}

// Error names the file and what is taken.
func (e *FileTypeError) Error() string {
	return fmt.Sprintf("%q does not end in one of %s", e.Name, strings.Join(e.Want, ", "))
}

// Is reports errors.ErrUnsupported.
func (e *FileTypeError) Is(target error) bool { return target == errors.ErrUnsupported }

// sedType is the type of an SED image by its name.
func sedType(name string) (string, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".bmp":
		return "image/bmp", nil
	case ".tif", ".tiff":
		return "image/tiff", nil
	case ".png":
		return "image/png", nil
	}
	return "", &FileTypeError{Name: name, Want: []string{".bmp", ".tif", ".tiff", ".png"}}
}
