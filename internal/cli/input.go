package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// filePart reads KEY=@FILE: a part of a form that is a file.
func filePart(text string) (mibitracker.Part, error) {
	name, file, ok := strings.Cut(text, "=")
	path, at := strings.CutPrefix(file, "@")
	if !ok || !at || name == "" || path == "" {
		return mibitracker.Part{}, usage(fmt.Errorf("-F %q is not of the form key=@file; texts go with -f", text))
	}
	source, err := mibitracker.FromFile(path)
	if err != nil {
		return mibitracker.Part{}, given(fmt.Errorf("-F %s: %w", name, err))
	}
	return mibitracker.Part{Name: name, File: &source, ContentType: contentType(path)}, nil
}

// contentType is what a file's name says of it. The field's few kinds are the
// same on every system so.
func contentType(path string) string {
	kinds := map[string]string{
		".bmp": "image/bmp", ".csv": "text/csv", ".json": "application/json", ".png": "image/png",
		".tif": "image/tiff", ".tiff": "image/tiff", ".txt": "text/plain", ".xml": "application/xml",
	}
	if kind, ok := kinds[strings.ToLower(filepath.Ext(path))]; ok {
		return kind
	}
	return "application/octet-stream"
}

// maxHeld is how much of a pipe is held in memory, in bytes.
const maxHeld = 1 << 20

// openInput is the content of a file, or of standard input for "-". What can
// be read only once is kept, so that its length is known and a request with it
// can be repeated: long content in a temporary file, which done removes.
func openInput(path string, stdin io.Reader) (_ mibitracker.Source, done func(), err error) {
	done = func() {}
	if path == "-" {
		return keep(stdin)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() || info.IsDir() {
		source, err := mibitracker.FromFile(path)
		return source, done, given(err)
	}
	pipe, err := os.Open(path)
	if err != nil {
		return mibitracker.Source{}, done, given(err)
	}
	defer func() { _ = pipe.Close() }()
	return keep(pipe)
}

func keep(r io.Reader) (_ mibitracker.Source, done func(), err error) {
	done = func() {}
	var held bytes.Buffer
	if _, err := io.CopyN(&held, r, maxHeld); errors.Is(err, io.EOF) {
		return mibitracker.FromBytes("", held.Bytes()), done, nil
	} else if err != nil {
		return mibitracker.Source{}, done, fmt.Errorf("read the input: %w", err)
	}
	temp, err := os.CreateTemp("", "mibi-input-")
	if err != nil {
		return mibitracker.Source{}, done, fmt.Errorf("keep the input: %w", err)
	}
	done = func() {
		_ = temp.Close()
		_ = os.Remove(temp.Name())
	}
	size, err := io.Copy(temp, io.MultiReader(&held, r))
	if err != nil {
		return mibitracker.Source{}, done, fmt.Errorf("keep the input: %w", err)
	}
	return mibitracker.FromReaderAt("", temp, size), done, nil
}
