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
	m := newManifest(dir, server, run)
	file, err := openRegular(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil // without its manifest a journal is of nobody knows what
	}
	if err != nil {
		return nil, err
	}
	m.texts.opened = append(m.texts.opened, file)
	err = m.read(file)
	if err != nil {
		err = fmt.Errorf("%w: %s: %w: move it away, and the files that are here are compared by their content",
			ErrManifest, file.Name(), err)
	} else if err = m.isOf(file.Name(), server, run); err == nil {
		m.manifestHead = newManifest(dir, server, run).manifestHead
		err = m.readJournal()
	}
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// isOf is ErrOtherRun for a manifest that is not of this run.
func (m *manifest) isOf(name, server string, run *mibitracker.Run) error {
	switch moved := m.RunPath != "" && m.RunPath == run.Path; {
	case m.Server != server && !moved:
		return fmt.Errorf("%w: %s is of the server %s, not of %s: pull into another folder",
			ErrOtherRun, name, m.Server, server)
	case m.Run != run.Label || m.RunID != run.ID:
		return fmt.Errorf("%w: %s is of run %s with id %d, not of run %s with id %d: pull into another folder",
			ErrOtherRun, name, quoteName(m.Run), m.RunID, quoteName(run.Label), run.ID)
	}
	return nil
}

// read takes a manifest over, a file after the other, so that it is never
// whole in memory.
func (m *manifest) read(from io.ReaderAt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts.manifest = from
	dec := json.NewDecoder(bufio.NewReader(io.NewSectionReader(from, 0, maxManifest)))
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
				at := manifestPlace{source: inFiles, at: dec.InputOffset()}
				if err := dec.Decode(&f); err != nil {
					return err
				}
				if at.size = dec.InputOffset() - at.at; f.fits() {
					m.takeFile(&f, at)
				}
				return nil
			})
		case "split":
			err = eachElement(dec, func() error {
				var s manifestSplit
				at := manifestPlace{source: inSplits, at: dec.InputOffset()}
				if err := dec.Decode(&s); err != nil {
					return err
				}
				at.size = dec.InputOffset() - at.at
				m.takeSplit(&s, at)
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
