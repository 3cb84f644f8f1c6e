package mibitiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// Metadata returns the image's metadata. Changing what is returned does not
// change the image.
func (im *Image) Metadata() mibi.Metadata { return cloneMetadata(im.meta) }

// SetMetadata replaces the image's metadata, the user's attributes among it, as
// [NewImage] takes it and with the same errors. The image stays as it was if
// there is one.
func (im *Image) SetMetadata(meta mibi.Metadata) error {
	meta, err := checkedMetadata(meta)
	if err != nil {
		return fmt.Errorf("setting an image's metadata: %w", err)
	}
	im.meta = meta
	return nil
}

// SetFOVID sets the id of the field of view, such as "FOV1", and the folder of
// its raw data. Without a folder, one that belongs to another id becomes the
// id, and one that begins with the id stays. An empty id, and a folder that
// does not begin with the id, are refused with an error that wraps [ErrFolder].
func (im *Image) SetFOVID(id, folder string) error {
	if folder == "" {
		folder = im.meta.Folder.String()
		if first, _, _ := strings.Cut(folder, "/"); first != id {
			folder = id
		}
	}
	if first, _, _ := strings.Cut(folder, "/"); id == "" || first != id {
		return fmt.Errorf("fov_id %s with the folder %s: %w", shown(id), shown(folder), ErrFolder)
	}
	im.meta.FOVID, im.meta.Folder = mibi.Text(id), mibi.Text(folder)
	return nil
}

// PixelSize returns the edge of a pixel in µm: the size of the field of view
// over the image's rows. The error, where the size is not known, wraps
// [ErrNoSize].
func (im *Image) PixelSize() (float64, error) {
	size, ok := im.meta.Size.Float()
	if !ok || size <= 0 {
		return 0, fmt.Errorf("pixel size from size %s: %w", shown(im.meta.Size.JSON()), ErrNoSize)
	}
	return size / float64(im.Height()), nil
}

// AddAttributes adds attributes of the user's own, after those that there are:
// all of them or none. A key that is taken, by an attribute or by the format
// (with or without its "mibi."), is refused with an error that wraps
// [ErrAttributeExists] and names each.
func (im *Image) AddAttributes(attributes ...mibi.UserValue) error {
	taken := make(map[string]bool, len(im.meta.User)+len(attributes))
	for _, u := range im.meta.User {
		taken[u.Key] = true
	}
	var exist []string
	for _, a := range attributes {
		if taken[a.Key] || isSpecified(a.Key) || slices.Contains(mibi.ReservedKeys(), a.Key) {
			exist = append(exist, shown(a.Key))
		}
		taken[a.Key] = true
	}
	if len(exist) > 0 {
		return fmt.Errorf("adding %s: %w", strings.Join(exist, ", "), ErrAttributeExists)
	}
	im.meta.User = append(im.meta.User, attributes...)
	return nil
}

// RemoveAttributes removes attributes of the user's by their keys: all of them
// or none. What the format specifies stays, see [Image.SetMetadata] for
// emptying it. Errors wrap [ErrAttributeRequired] or [ErrNoAttribute] and name
// each key.
func (im *Image) RemoveAttributes(keys ...string) error {
	var required, unknown []string
	for _, key := range keys {
		switch {
		case slices.ContainsFunc(im.meta.User, func(u mibi.UserValue) bool { return u.Key == key }):
		case isSpecified(key):
			required = append(required, shown(key))
		default:
			unknown = append(unknown, shown(key))
		}
	}
	if len(required) > 0 {
		return fmt.Errorf("removing %s: %w", strings.Join(required, ", "), ErrAttributeRequired)
	}
	if len(unknown) > 0 {
		return fmt.Errorf("removing %s: %w", strings.Join(unknown, ", "), ErrNoAttribute)
	}
	im.meta.User = slices.DeleteFunc(im.meta.User, func(u mibi.UserValue) bool { return slices.Contains(keys, u.Key) })
	return nil
}

// isSpecified reports whether a key is one of the format's, the date's among
// them, with or without its prefix.
func isSpecified(key string) bool {
	key = strings.TrimPrefix(key, "mibi.")
	for specified := range (mibi.Metadata{}).All() {
		if strings.TrimPrefix(specified, "mibi.") == key {
			return true
		}
	}
	return key == "date"
}

// checkedMetadata returns a copy of the metadata in the form that an image
// keeps, or says what is wrong with it.
func checkedMetadata(meta mibi.Metadata) (mibi.Metadata, error) {
	meta = filledMetadata(meta)
	id, folder := meta.FOVID.String(), meta.Folder.String()
	if first, _, _ := strings.Cut(folder, "/"); first != id {
		return meta, fmt.Errorf("fov_id %s with the folder %s: %w", shown(id), shown(folder), ErrFolder)
	}
	if meta.Aperture.String() != "" {
		code, err := mibi.ParseAperture(meta.Aperture.String())
		if err != nil {
			return meta, err
		}
		meta.Aperture = mibi.Text(code)
	}
	keys := make(map[string]bool, len(meta.User))
	for _, u := range meta.User {
		if keys[u.Key] {
			return meta, fmt.Errorf("the key %s comes twice: %w", shown(u.Key), ErrAttributeExists)
		}
		keys[u.Key] = true
	}
	return meta, nil
}

// filledMetadata returns a copy of the metadata in which the folder is filled
// in from the id of the field of view, or the other way round.
func filledMetadata(meta mibi.Metadata) mibi.Metadata {
	meta = cloneMetadata(meta)
	id, folder := meta.FOVID.String(), meta.Folder.String()
	switch {
	case id == "" && folder != "":
		first, _, _ := strings.Cut(folder, "/")
		meta.FOVID = mibi.Text(first)
	case folder == "" && id != "":
		meta.Folder = meta.FOVID
	}
	return meta
}

func cloneMetadata(meta mibi.Metadata) mibi.Metadata {
	meta.User = slices.Clone(meta.User)
	return meta
}
