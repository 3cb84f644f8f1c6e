package transfer

import (
	"bufio"
	"encoding/json"
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
	layouts := map[Layout]bool{}
	for f := range m.all() {
		layouts[layoutOf(f)] = true
	}
	_, _ = out.WriteString(`,"layouts":[`)
	for i, l := range slices.Sorted(maps.Keys(layouts)) {
		_, _ = fmt.Fprintf(out, "%s%q", comma(i), l)
	}
	_, _ = out.WriteString("],\n\"split\":[")
	for i, folder := range slices.Sorted(maps.Keys(m.splits)) {
		if err := writeElement(out, i, m.splits[folder]); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("],\n\"files\":[")
	n := 0
	for f := range m.all() {
		if err := writeElement(out, n, f); err != nil {
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

// save writes the manifest to its folder, and ends the journal that it has
// taken over.
func (m *manifest) save(dir string) error {
	if err := m.put(dir); err != nil {
		return err
	}
	return m.endJournal(dir)
}

// put replaces the manifest alone.
func (m *manifest) put(dir string) error {
	if _, err := writeWhole(dir, filepath.Join(dir, manifestName), m.write); err != nil {
		return err
	}
	// The names of what was pulled, too: the journal that ends knew of it.
	syncFolder(dir)
	return nil
}
