package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/internal/synth"
)

// demoSeed makes the demo's FOV the same each time.
const demoSeed = 1

// makeFOV writes a made FOV into a folder: its run XML and its MIBItiff.
func makeFOV(folder string) (xml, tiff string, err error) {
	image, err := synth.FOV(demoSeed, synth.Options{})
	if err != nil {
		return "", "", err
	}
	content, err := image.TIFF()
	if err != nil {
		return "", "", fmt.Errorf("write the made FOV: %w", err)
	}
	run, err := synth.RunXML([]*synth.Image{image})
	if err != nil {
		return "", "", fmt.Errorf("write the made run: %w", err)
	}
	xml, tiff = filepath.Join(folder, image.Metadata.Run.String()+".xml"), filepath.Join(folder, "fov.tiff")
	return xml, tiff, errors.Join(os.WriteFile(tiff, content, 0o600), os.WriteFile(xml, run, 0o600))
}
