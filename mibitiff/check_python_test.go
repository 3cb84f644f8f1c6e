package mibitiff_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// readScript reads every file of a folder with mibilib and prints what failed.
const readScript = `
import json, logging, os, resource, signal, sys, warnings
warnings.simplefilter('ignore')
logging.disable(logging.CRITICAL)
from mibidata import tiff

def late(*_):
    raise TimeoutError('no end')

signal.signal(signal.SIGALRM, late)
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
failed = {}
for name in sorted(os.listdir(sys.argv[1])):
    signal.alarm(5)
    try:
        tiff.read(os.path.join(sys.argv[1], name), sed=True, optical=True, label=True)
        failed[name] = ''
    except BaseException as problem:
        failed[name] = repr(problem)[:200]
    signal.alarm(0)
json.dump(failed, sys.stdout)
`

// TestCheckAgreesWithPython reads the files of all departures with the field's
// own reader: it reads every file that a check finds no error in, and none of
// which a check says that it fails.
func TestCheckAgreesWithPython(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	reports := map[string]*mibitiff.Report{}
	for i, c := range slices.Concat(fileDepartures(), tagDepartures(t), sampleDepartures(t), textDepartures(), pageDepartures()) {
		switch c.code {
		case "too-many-parts", "not-decoded", "over-limits": // files for our limits
			continue
		case "samples-unsupported", "compression", "predictor": // whether imagecodecs is installed decides
			continue
		}
		d := newDraft(t)
		if c.change != nil {
			c.change(d)
		}
		data := d.bytes()
		if c.data != nil {
			data = c.data(data)
		}
		name := fmt.Sprintf("%03d-%s.tiff", i, c.code)
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		reports[name] = checked(t, data)
	}
	failed := map[string]string{}
	if err := json.Unmarshal(runMibilib(t, readScript, folder), &failed); err != nil {
		t.Fatal(err)
	}
	if len(failed) != len(reports) {
		t.Fatalf("%d files were read of %d", len(failed), len(reports))
	}
	for name, report := range reports {
		refuses := slices.ContainsFunc(report.Findings, func(f mibitiff.Finding) bool {
			return f.Severity == mibitiff.SeverityError && strings.Contains(f.Effect, "mibilib") &&
				(strings.Contains(f.Effect, "fails") || strings.Contains(f.Effect, "mibilib refuses"))
		})
		switch {
		case failed[name] != "" && report.Count(mibitiff.SeverityError) == 0:
			t.Errorf("%s: mibilib fails with %s, but nothing is found of it: %v", name, failed[name], report.Findings)
		case failed[name] == "" && refuses:
			t.Errorf("%s: mibilib reads it, in spite of %v", name, report.Findings)
		}
	}
}
