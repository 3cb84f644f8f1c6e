package auth

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// startEnv makes the test binary start like a server: it opens the secrets of
// the folder named and prints a key.
const startEnv = "AUTH_TEST_OPEN_SECRETS"

func TestMain(m *testing.M) {
	dir := os.Getenv(startEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	secrets, err := OpenSecrets(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(hex.EncodeToString(secrets.Key(PurposeTokens)))
}

func openSecrets(t *testing.T, dir string) Secrets {
	t.Helper()
	s, err := OpenSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecretsAreMadeOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first := openSecrets(t, dir)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != SecretsFile {
		t.Errorf("the folder has %v (%v), want only %s", entries, err, SecretsFile)
	}
	if fi, err := os.Stat(filepath.Join(dir, SecretsFile)); err != nil {
		t.Error(err)
	} else if runtime.GOOS != "windows" && fi.Mode() != 0o600 {
		t.Errorf("mode %v, want only the owner to read", fi.Mode())
	}
	again := openSecrets(t, dir)
	if !bytes.Equal(first.Key(PurposeTokens), again.Key(PurposeTokens)) {
		t.Error("a second start has another key")
	}
	other := openSecrets(t, t.TempDir())
	if bytes.Equal(first.Key(PurposeTokens), other.Key(PurposeTokens)) {
		t.Error("two data folders have the same key")
	}
}

func TestKeysDifferByPurpose(t *testing.T) {
	t.Parallel()
	s := openSecrets(t, t.TempDir())
	a, b := s.Key(PurposeTokens), s.Key(PurposeSignedURLs)
	if len(a) != 32 || len(b) != 32 || bytes.Equal(a, b) || bytes.Equal(a, s.root) || bytes.Equal(b, s.root) {
		t.Errorf("keys of %d and %d bytes are not apart", len(a), len(b))
	}
}

func TestProcessesThatStartAtOnceShareTheSecrets(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	const processes = 8
	outputs := make([]bytes.Buffer, processes)
	errOutputs := make([]bytes.Buffer, processes)
	commands := make([]*exec.Cmd, processes)
	for i := range commands {
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), startEnv+"="+dir)
		cmd.Stdout, cmd.Stderr = &outputs[i], &errOutputs[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands[i] = cmd
	}
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, errOutputs[i].String())
		}
	}
	want := hex.EncodeToString(openSecrets(t, dir).Key(PurposeTokens))
	for i := range outputs {
		if got := outputs[i].String(); got != want {
			t.Errorf("process %d has the key %q, the file says %q", i, got, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v (%v)", entries, err)
	}
}

// Whoever comes second must not replace what the first has written.
func TestCreateSecretsDoesNotReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := openSecrets(t, dir)
	if err := createSecrets(dir, filepath.Join(dir, SecretsFile)); !errors.Is(err, os.ErrExist) {
		t.Errorf("createSecrets over a file: %v, want ErrExist", err)
	}
	if after := openSecrets(t, dir); !bytes.Equal(before.root, after.root) {
		t.Error("the secrets were replaced")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v (%v)", entries, err)
	}
}

func TestSecretsThatOthersCanRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := t.TempDir()
	openSecrets(t, dir)
	path := filepath.Join(dir, SecretsFile)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o660, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := OpenSecrets(dir)
		if !errors.Is(err, ErrSecrets) || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %v: %v, want ErrSecrets and what to run", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSecrets(dir); err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestBrokenSecretsAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openSecrets(t, dir)
	path := filepath.Join(dir, SecretsFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var content map[string]any
	if err := json.Unmarshal(good, &content); err != nil {
		t.Fatal(err)
	}
	root, _ := content["root"].(string)
	cases := map[string]string{
		"empty": "", "not JSON": "secret", "JSON of something else": "[]", "null": "null", "no version": `{"root":"` + root + `"}`,
		"no root": `{"version":1}`, "short root": `{"version":1,"root":"YWJj"}`, "root of zeros": `{"version":1,"root":"` + strings.Repeat("A", 43) + `="}`,
		"root no base64": `{"version":1,"root":"` + root[1:] + `*"}`, "newer": `{"version":2,"root":"` + root + `"}`,
		"trailing": string(good) + "x",
	}
	for n := range len(strings.TrimSpace(string(good))) {
		cases[fmt.Sprintf("cut at %d", n)] = string(good[:n])
	}
	for name, data := range cases {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenSecrets(dir)
		if !errors.Is(err, ErrSecrets) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want ErrSecrets that names the file", name, err)
			continue
		}
		if len(root) > 8 && strings.Contains(err.Error(), root[:8]) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != data {
			t.Fatalf("%s: the file was changed", name)
		}
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, SecretsFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSecrets(dir); err == nil {
		t.Error("a folder of that name is taken for the file")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSecrets(file); err == nil {
		t.Error("a file is taken for the data folder")
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	s := Secrets{root: []byte("do not tell a soul about this...")}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secrets", s)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secrets", s)
	type holder struct{ S Secrets }
	text := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %+v", s, s, s, s, s, s, s, &s, holder{s}) + log.String()
	for _, form := range []string{"soul", hex.EncodeToString([]byte("soul")), "115 111 117 108", "0x73"} {
		if strings.Contains(text, form) {
			t.Errorf("the secret shows: %s", text)
		}
	}
}
