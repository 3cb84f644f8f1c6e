package mibitracker

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CopyImagesError says at which image CopyImages ended.
type CopyImagesError struct {
	// Image is the id of the old image that could not be copied, and Folder
	// its folder.
	Image  int64
	Folder string
	// Done are the new images that were updated before, by the old ones' ids.
	Done map[int64]*Image
	// Err is why.
	Err error
}

// Error names the image, what was done before, and why it ended.
func (e *CopyImagesError) Error() string {
	done := "no image was changed"
	if len(e.Done) > 0 {
		var pairs []string
		for _, id := range slices.Sorted(maps.Keys(e.Done)) {
			pairs = append(pairs, fmt.Sprintf("%d to %d", id, e.Done[id].ID))
		}
		done = "done before: " + strings.Join(pairs, ", ")
	}
	return fmt.Sprintf("copying what is known of image %d (%s), %s: %v", e.Image, e.Folder, done, e.Err)
}

// Unwrap gives the cause.
func (e *CopyImagesError) Unwrap() error { return e.Err }

// maxSED is how many bytes an SED image that is copied may have.
const maxSED = 64 << 20

// CopyImages copies what is known of the images of one run to those of
// another that must be there, not their TIFFs: tissue and FOV size, null as
// well; the section, where the old image has one; aperture, imaging preset and
// lens 1 voltage, where the backend has these fields; and the SED image. The
// caller's fields, by their names on the wire, win over those; nil clears a
// field (but not beside an SED image: see UpdateWithSED). The new image is the
// one in the old one's folder.
//
// It gives the new images by the old ones' ids. A failure at an image is a
// *CopyImagesError, and beside it comes the map of what was done before; that
// the images could not be listed is an error of another type. That
// each old image has exactly one new one (else an *UnexpectedAnswerError) and
// an SED image that can be sent (else a *FileTypeError) is seen to before
// anything is changed. Images are copied one after another, in the order in
// which the backend lists them; what was done can be done again.
//
//mibi:route GET /images/
//mibi:route GET /download/
//mibi:route PUT /images/{id}/
func (s *RunsService) CopyImages(ctx context.Context, oldLabel, newLabel string, fields map[string]any) (map[int64]*Image, error) {
	done := map[int64]*Image{}
	plan, err := s.planImages(ctx, oldLabel, newLabel)
	if err != nil {
		return done, err
	}
	apertures := apertureIDs{service: s.client.Apertures}
	for _, c := range plan {
		made, err := s.copyImage(ctx, c, &apertures, fields)
		if err != nil {
			return done, &CopyImagesError{Image: c.old.object.ID, Folder: c.old.object.Folder, Done: maps.Clone(done), Err: err}
		}
		done[c.old.object.ID] = made
	}
	return done, nil
}

// imageCopy is an image and the one that it is copied to.
type imageCopy struct {
	old *asGiven[Image]
	to  int64
}

// planImages finds the new image of each old one, and changes nothing.
func (s *RunsService) planImages(ctx context.Context, oldLabel, newLabel string) ([]imageCopy, error) {
	olds, err := whole[asGiven[Image]](ctx, s.client, "/images/", query("run__label", oldLabel))
	if err == nil && len(olds) == 0 {
		// A run without images is copied; a label without a run is a mistake.
		_, err = s.labelled(ctx, oldLabel)
	}
	if err != nil || len(olds) == 0 {
		return nil, err
	}
	news, err := s.Images(ctx, newLabel)
	if err != nil {
		return nil, err
	}
	byFolder := map[string][]Image{}
	for _, image := range news {
		byFolder[image.Folder] = append(byFolder[image.Folder], image)
	}
	plan := make([]imageCopy, 0, len(olds))
	for i := range olds {
		old := &olds[i].object
		to, err := only(byFolder[old.Folder], fmt.Sprintf("image of run %q in folder %q of its %d images", newLabel, old.Folder, len(news)), (*Image).known)
		if err == nil && old.SED != "" {
			_, err = old.sedPath()
		}
		if err != nil {
			return nil, &CopyImagesError{Image: old.ID, Folder: old.Folder, Done: map[int64]*Image{}, Err: err}
		}
		plan = append(plan, imageCopy{old: &olds[i], to: to.ID})
	}
	return plan, nil
}

func (s *RunsService) copyImage(ctx context.Context, c imageCopy, apertures *apertureIDs, given map[string]any) (*Image, error) {
	fields, err := c.fields(ctx, apertures, given)
	if err != nil {
		return nil, err
	}
	old := &c.old.object
	if old.SED == "" {
		fields["sed"] = nil
		return s.client.Images.Update(ctx, c.to, fields)
	}
	where, err := old.sedPath()
	if err != nil {
		return nil, err
	}
	// It is sent again where an attempt fails, so it is held.
	raw, err := s.client.small(ctx, where, maxSED)
	if err != nil {
		return nil, fmt.Errorf("fetching its SED image %s: %w", old.SED, err)
	}
	return s.client.Images.UpdateWithSED(ctx, c.to, FromBytes(old.SED, raw), fields)
}

// fields are what the new image is told, but for the SED.
func (c imageCopy) fields(ctx context.Context, apertures *apertureIDs, given map[string]any) (map[string]any, error) {
	old := &c.old.object
	fields := map[string]any{"tissue": nil, "fov_size": c.old.field("fov_size")}
	if old.Tissue != nil && old.Tissue.ID != 0 {
		fields["tissue"] = old.Tissue.ID
	}
	if old.Section != nil && old.Section.ID != 0 {
		fields["section"] = old.Section.ID
	}
	for _, name := range []string{"imaging_preset", "lens1_voltage"} {
		if c.old.has(name) {
			fields[name] = c.old.field(name)
		}
	}
	if _, ok := given["aperture"]; !ok && c.old.has("aperture") {
		value, err := apertures.of(ctx, old.Aperture)
		if err != nil {
			return nil, err
		}
		fields["aperture"] = value
	}
	maps.Copy(fields, given)
	return fields, nil
}

// sedPath is the path in storage of the image's SED image, which must be of a
// type that can be sent.
func (i *Image) sedPath() (string, error) {
	if i.Run == nil || i.Run.Path == "" {
		return "", &UnexpectedAnswerError{Reason: fmt.Sprintf("image %d does not say where its files lie", i.ID)}
	}
	_, err := sedType(i.SED)
	return i.Run.Path + "/" + i.Folder + "/" + i.SED, err
}

// apertureIDs asks once for each aperture of which only the code is known.
type apertureIDs struct {
	service *AperturesService
	known   map[string]int64
}

// of gives what an image is told: the aperture's id; its code, which an image
// takes as well, where no id is known; null for none.
func (a *apertureIDs) of(ctx context.Context, aperture *Aperture) (any, error) {
	switch {
	case aperture == nil, aperture.ID == 0 && aperture.Code == "":
		return json.RawMessage("null"), nil
	case aperture.ID != 0:
		return aperture.ID, nil
	}
	id, ok := a.known[aperture.Code]
	if !ok {
		var err error
		if id, err = a.service.idOf(ctx, aperture); err != nil {
			return nil, err
		}
		if a.known == nil {
			a.known = map[string]int64{}
		}
		a.known[aperture.Code] = id
	}
	if id == 0 {
		return aperture.Code, nil
	}
	return id, nil
}
