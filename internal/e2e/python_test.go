package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// TestPythonClient drives the field's own client, unmodified, against the
// server: the client that the contract was learnt from. It is not ours to
// ship; MIBILIB_DIR names a checkout of it.
func TestPythonClient(t *testing.T) {
	t.Parallel()
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	script, err := filepath.Abs(filepath.Join("testdata", "python_client.py"))
	if err != nil {
		t.Fatal(err)
	}
	made := newFOV(t)
	dir := t.TempDir()
	files := map[string][2]string{"made": made.write(t, dir)}
	if real := os.Getenv("MIBI_TESTDATA"); real != "" {
		files["real"] = [2]string{
			filepath.Join(real, "runs", "191203_CohortSlide1_S1622757.xml"), filepath.Join(real, "mibitiff", "cohort-point1-raw.tiff"),
		}
	}
	data := filepath.Join(dir, "data")
	if _, err := server.AddUser(t.Context(), data, email, password, true); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data, Lease: 15 * time.Second})
	for name, file := range files {
		for slash, url := range map[string]string{"plain": p.url, "slash": p.url + "/"} {
			label := name + "-" + slash
			cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", script, url, email, password, file[0], file[1], label)
			cmd.Env = append(os.Environ(), "PYTHONPATH="+lib)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", label, err, out)
				continue
			}
			t.Logf("%s: %s", label, out)
		}
	}
	p.stop(t)
}
