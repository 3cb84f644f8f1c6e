package transfer

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// compareTIFF compares a MIBItiff with what the server says of it.
func (k *checker) compareTIFF(ctx context.Context, image *pullImage, rel string, info fs.FileInfo) (CheckState, string, error) {
	if image.size >= 0 && image.size != info.Size() {
		return CheckDifferent, fmt.Sprintf("it has %d bytes, and %d on the server", info.Size(), image.size), nil
	}
	path := filepath.Join(k.dir, filepath.FromSlash(rel))
	if image.sha256 == "" {
		return k.compareByLooks(ctx, image, path, info)
	}
	sum, err := hashFile(ctx, path)
	switch {
	case err != nil:
		return "", "", err
	case sum != image.sha256:
		return CheckDifferent, "its SHA-256 is not the server's", nil
	}
	return CheckEqual, "", nil
}

// compareByLooks is all that can be said where the server names no hash.
func (k *checker) compareByLooks(ctx context.Context, image *pullImage, path string, info fs.FileInfo) (CheckState, string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = file.Close() }()
	err = checkTIFF(ctx, file, info.Size(), image.size)
	switch {
	case ctx.Err() != nil:
		return "", "", context.Cause(ctx)
	case err != nil:
		return CheckDifferent, "it is damaged: " + err.Error(), nil
	}
	return CheckUnverifiable, "the server names no SHA-256; " + string(BySizeAndZlib), nil
}

// compareChannel compares a channel's file with the manifest, and the version
// that it was made of with the server's.
func (k *checker) compareChannel(ctx context.Context, image *pullImage, rel string, _ fs.FileInfo) (CheckState, string, error) {
	entry := k.known.at(rel)
	if entry == nil || entry.ImageID != image.id {
		return CheckUnverifiable, "the manifest does not say what it was made of", nil
	}
	sum, err := hashFile(ctx, filepath.Join(k.dir, filepath.FromSlash(rel)))
	switch {
	case err != nil:
		return "", "", err
	case sum != entry.SHA256:
		return CheckDifferent, "it was changed here", nil
	case entry.Version == "":
		return CheckUnverifiable, "the server names no SHA-256 of uploaded channels; it is as it was fetched", nil
	case image.sha256 == "":
		return CheckUnverifiable, "the server names no SHA-256; it is as it was fetched", nil
	case entry.Version != image.sha256:
		return CheckDifferent, "the server has another version of the FOV", nil
	}
	return CheckEqual, "", nil
}
