package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitracker"
)

// maxManifest is what is read of a manifest, in bytes.
const maxManifest = 512 << 20

// loadManifest reads the manifest of a folder with what a pull that was
// killed has noted behind it. Where there is none it is empty. One of another
// run or server is ErrOtherRun, one that cannot be read ErrManifest.
func loadManifest(dir, server string, run *mibitracker.Run) (*manifest, error) {
	m := newManifest(server, run)
	name := filepath.Join(dir, manifestName)
	file, err := openRegular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil // without its manifest a journal is of nobody knows what
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if err := m.read(bufio.NewReader(io.LimitReader(file, maxManifest))); err != nil {
		return nil, fmt.Errorf("%w: %s: %w: move it away, and the files that are here are compared by their content",
			ErrManifest, name, err)
	}
	switch moved := m.RunPath != "" && m.RunPath == run.Path; {
	case m.Server != server && !moved:
		return nil, fmt.Errorf("%w: %s is of the server %s, not of %s: pull into another folder",
			ErrOtherRun, name, m.Server, server)
	case m.Run != run.Label || m.RunID != run.ID:
		return nil, fmt.Errorf("%w: %s is of run %s with id %d, not of run %s with id %d: pull into another folder",
			ErrOtherRun, name, quoteName(m.Run), m.RunID, quoteName(run.Label), run.ID)
	}
	m.manifestHead = newManifest(server, run).manifestHead
	return m, m.readJournal(dir)
}

// read takes a manifest over, a file after the other, so that it is never
// whole in memory as text.
func (m *manifest) read(r io.Reader) error {
	dec := json.NewDecoder(r)
	if err := expect(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "format":
			err = dec.Decode(&m.Format)
		case "server":
			err = dec.Decode(&m.Server)
		case "run":
			err = dec.Decode(&m.Run)
		case "run_id":
			err = dec.Decode(&m.RunID)
		case "run_path":
			err = dec.Decode(&m.RunPath)
		case "files":
			err = eachElement(dec, func() error {
				var f manifestFile
				if err := dec.Decode(&f); err != nil {
					return err
				}
				if f.fits() {
					m.add(&f)
				}
				return nil
			})
		case "split":
			err = eachElement(dec, func() error {
				var s manifestSplit
				if err := dec.Decode(&s); err != nil {
					return err
				}
				m.splits[s.Folder] = s
				return nil
			})
		default:
			var other json.RawMessage
			err = dec.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if err := expect(dec, '}'); err != nil {
		return err
	}
	if m.Format != manifestFormat {
		return fmt.Errorf("it is of format %d, and this program reads format %d", m.Format, manifestFormat)
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err == nil && token != want {
		err = fmt.Errorf("it has %v where %v should be", token, want)
	}
	return err
}

func eachElement(dec *json.Decoder, do func() error) error {
	token, err := dec.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("it has %v where a list should be", token)
	}
	for dec.More() {
		if err := do(); err != nil {
			return err
		}
	}
	return expect(dec, ']')
}
