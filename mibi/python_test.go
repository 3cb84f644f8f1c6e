package mibi_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// askPython lets the field's own library answer: it runs a script with a value
// as JSON on its input, and reads the JSON that it prints. The library is not
// ours to ship; MIBILIB_DIR names a checkout of it.
func askPython(t *testing.T, script string, question, answer any) {
	t.Helper()
	const python = "/usr/bin/python3"
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	if _, err := os.Stat(python); err != nil {
		t.Skip("no /usr/bin/python3 is installed")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "ask.py")
	if err := os.WriteFile(program, []byte("import json, sys, warnings\nwarnings.simplefilter('ignore')\nquestion = json.load(sys.stdin)\n"+script), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PYTHONPATH="+lib, "PYTHONIOENCODING=utf-8")
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v in %.300s", err, out)
	}
}
