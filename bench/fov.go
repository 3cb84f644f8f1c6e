package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

const (
	edge     = 1024
	channels = 40
	// exposures is how many made FOVs are added up, so that the file is as
	// large as those of a long dwell time: 7 MB.
	exposures = 6
	// oneChannel is the channel that is read alone.
	oneChannel = "CD45"
)

// writeFOV writes a made FOV of the given size to path.
func writeFOV(path string, size, exposures int) error {
	sum, err := synth.FOV(1, synth.Options{Size: size, Channels: channels})
	if err != nil {
		return err
	}
	for seed := range exposures - 1 {
		more, err := synth.FOV(uint64(seed)+2, synth.Options{Size: size, Channels: channels})
		if err != nil {
			return err
		}
		for i, plane := range more.Planes {
			samples := mibitiff.Samples[uint16](sum.Planes[i])
			for j, v := range mibitiff.Samples[uint16](plane) {
				samples[j] += v
			}
		}
	}
	// tiffcp refuses positions that are negative.
	sum.Metadata.Coordinates = mibi.Pair(2410, 14968)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := sum.WriteTIFF(file); err != nil {
		return fmt.Errorf("writing the made FOV: %w, %w", err, file.Close())
	}
	return file.Close()
}

// makeFile makes the file that all programs read: by the Python tool, if it is
// there. It says who wrote it.
func (s *setting) makeFile(ctx context.Context) (writer string, err error) {
	s.file = filepath.Join(s.folder, "made.tiff")
	// A process of its own: the memory of this one would count as that of the
	// programs that it starts.
	c := command{args: []string{s.self, "-do", "make", s.file}}
	if _, err := c.run(ctx); err != nil {
		return "", err
	}
	writer = "this project (" + s.peers.noPython + ")"
	if s.peers.noPython == "" {
		made := s.file
		s.file, writer = filepath.Join(s.folder, "fov.tiff"), "the Python tool"
		if _, err := s.peers.task("write", made, s.file).run(ctx); err != nil {
			return "", err
		}
	}
	file, err := mibitiff.OpenFile(s.file)
	if err != nil {
		return "", err
	}
	page, err := file.Channel(oneChannel)
	s.page = page.Index
	return writer, errors.Join(err, file.Close())
}
