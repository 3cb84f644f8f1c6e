package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
)

// write writes the manifest, an entry a line.
func (m *manifest) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	head, err := json.Marshal(m.manifestHead)
	if err != nil {
		return err
	}
	_, _ = out.Write(head[:len(head)-1])
	m.mu.Lock()
	layouts, order := slices.Sorted(maps.Keys(m.layouts)), m.places.sorted()
	m.mu.Unlock()
	_, _ = out.WriteString(`,"layouts":[`)
	for i, l := range layouts {
		_, _ = fmt.Fprintf(out, "%s%q", comma(i), l)
	}
	_, _ = out.WriteString("],\n\"split\":[")
	n := 0
	for _, folder := range order {
		split, err := m.splitOf(int(folder))
		if err != nil {
			return err
		}
		if split == nil {
			continue
		}
		if err := writeElement(out, n, split); err != nil {
			return err
		}
		n++
	}
	_, _ = out.WriteString("],\n\"files\":[")
	n = 0
	for f, err := range m.all() {
		if err == nil {
			err = writeElement(out, n, f)
		}
		if err != nil {
			return err
		}
		n++
	}
	_, _ = out.WriteString("\n]}\n")
	return out.Flush()
}

func layoutOf(f *manifestFile) Layout {
	if f.Channel == "" {
		return MIBItiff
	}
	return Channels
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func writeElement(out *bufio.Writer, i int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, _ = out.WriteString(comma(i) + "\n")
	_, err = out.Write(text)
	return err
}

// splitOf reads what says that an image was split into a folder; nil for nothing.
func (m *manifest) splitOf(n int) (*manifestSplit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.places.folders.at(n).split
	if at == 0 {
		return nil, nil //nolint:nilnil // most folders have none
	}
	place := m.places.pieces.at(int(at)).place()
	content, err := m.content(place)
	if err != nil {
		return nil, err
	}
	d := manifestFolder{files: map[string]*manifestFile{}}
	err = d.read(place.source, content)
	return d.whole, err
}

// save writes the manifest to its folder, and ends the journal that it has
// taken over.
func (m *manifest) save() error {
	if err := m.put(); err != nil {
		return err
	}
	return m.endJournal()
}

// put replaces the manifest alone. Of what it knows only that holds then which
// stands in the new one, and nothing but the end is to follow.
func (m *manifest) put() error {
	_, err := writeWhole(m.dir, filepath.Join(m.dir, manifestName), func(w io.Writer) error {
		// No system replaces a file that is open, nor removes it.
		return errors.Join(m.write(w), m.close())
	})
	if err != nil {
		return err
	}
	// The names of what was pulled, too: the journal that ends knew of it.
	syncFolder(m.dir)
	return nil
}
