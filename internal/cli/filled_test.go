package cli_test

import (
	"context"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

// filled starts a real server in this process with a small lab in it: a
// project, a section with its slide and panel, and a run of three images, of
// which two are available. It logs the script in by the environment, sets RUN,
// PROJECT, SLIDE, SECTION, TISSUE, IMAGE1, IMAGE2 and PENDING, and writes
// run.xml, sed.png, extra.png and fov3.tiff to the folder filled.
func filled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: filled")
	}
	folder := ts.MkAbs("filled")
	ts.Check(os.MkdirAll(folder, 0o700))
	lab, err := mibitrackertest.NewLab(context.Background(), ts.MkAbs("filled/data"))
	ts.Check(err)
	ts.Defer(func() { ts.Check(lab.Close()) })
	for name, value := range map[string]string{
		"MIBITRACKER_URL": lab.URL, "MIBITRACKER_EMAIL": lab.Email, "MIBITRACKER_PASSWORD": lab.Password,
		"RUN": lab.Run.Label, "PROJECT": lab.Project.Name,
	} {
		ts.Setenv(name, value)
	}
	for name, id := range map[string]int64{
		"PROJECT_ID": lab.Project.ID, "SLIDE": lab.Slide.ID, "SECTION": lab.Section.ID, "TISSUE": lab.Tissue.ID, "RUN_ID": lab.Run.ID,
		"IMAGE1": lab.FOVs[0].Image.ID, "IMAGE2": lab.FOVs[1].Image.ID, "PENDING": lab.Pending.Image.ID,
	} {
		ts.Setenv(name, strconv.FormatInt(id, 10))
	}
	for name, content := range map[string][]byte{
		"run.xml": lab.RunXML, "sed.png": lab.FOVs[0].SED, "extra.png": lab.FOVs[0].Extra, "fov3.tiff": lab.Pending.TIFF,
	} {
		ts.Check(os.WriteFile(ts.MkAbs("filled/"+name), content, 0o600))
	}
}
