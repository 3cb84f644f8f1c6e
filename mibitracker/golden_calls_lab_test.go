package mibitracker_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func goldenFiles() []goldenCall {
	download := func(path string) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
			file, err := c.Files.Open(ctx, path)
			if err != nil {
				return nil, err
			}
			defer func() { _ = file.Close() }()
			n, err := io.Copy(io.Discard, file)
			return n, err
		}
	}
	const odd = "old-run-uuid/Point 1/a+b µ.txt"
	return []goldenCall{
		{name: "download_file", answers: storedFile(odd, []byte("twelve bytes")), ours: download(odd)},
		{name: "download_file-missing", ours: download("none")},
		{name: "download_file-lost", answers: storedFile("lost", []byte(nil))[:1], ours: download("lost")},
		{name: "download_file-storage-busy", ours: download("busy"), answers: append([]stageAnswer{
			{on: "GET storage/signed/busy", times: 1, status: 503, body: "<html>busy</html>"},
		}, storedFile("busy", []byte("twelve bytes"))...)},
	}
}

func goldenRuns() []goldenCall {
	search := func(f mibitracker.RunFilter) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
			runs, err := c.Runs.List(ctx, f)
			if err != nil {
				return nil, err
			}
			ids := []int64{}
			for _, run := range runs.Results {
				ids = append(ids, run.ID)
			}
			return ids, nil
		}
	}
	// Backends that do not page answer a list, which is what this call expects.
	found := func(query map[string]string) []stageAnswer {
		return []stageAnswer{{on: "GET /runs/", query: query, body: []any{goldenOldRun}}}
	}
	calls := []goldenCall{
		{
			name: "search_runs-name", answers: found(map[string]string{"name": "20190308_2169_2170"}),
			ours: search(mibitracker.RunFilter{Name: "20190308_2169_2170"}),
		},
		{
			name: "search_runs-label", answers: found(map[string]string{"name": "20190308_2169_2170", "label": "old run"}),
			ours: search(mibitracker.RunFilter{Name: "20190308_2169_2170", Label: "old run"}),
		},
	}
	copying := func(label string, fields map[string]any) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
			made, err := c.Runs.Copy(ctx, label, "new run", fields)
			if err != nil {
				return nil, err
			}
			return []int64{made.Old.ID, made.New.ID}, nil
		}
	}
	odd := changed(goldenOldRun, jsonObject{"label": "old+run & more"})
	apertures := stageAnswer{on: "GET /apertures/", body: []any{jsonObject{"id": 2, "code": "B", "name": "300 µm"}}}
	for name, answers := range map[string][]stageAnswer{
		"": runCopyAnswers(goldenOldRun, goldenXML),
		"-nulls": runCopyAnswers(changed(goldenOldRun, jsonObject{
			"aperture": nil, "project": nil, "description": nil, "operator": nil, "fov_size": nil, "slide_ids": []any{},
			"filename": "other name.xml",
		}), goldenXML),
		"-empty":     runCopyAnswers(changed(goldenOldRun, jsonObject{"description": "", "operator": "", "run_date": nil}), goldenXML),
		"-code":      append(runCopyAnswers(changed(goldenOldRun, jsonObject{"aperture": "B"}), goldenXML), apertures),
		"-overrides": runCopyAnswers(goldenOldRun, goldenXML),
		"-lost":      runCopyAnswers(goldenOldRun, goldenXML)[:3],
		"-none":      {{on: "GET /runs/", body: []any{}}},
		"-two":       {{on: "GET /runs/", body: []any{goldenOldRun, changed(goldenOldRun, jsonObject{"id": 27})}}},
		// What the Python client's query says of this label is another one.
		"-odd-label": append(runCopyAnswers(odd, goldenXML), stageAnswer{on: "GET /runs/", query: map[string]string{"label": "old run "}, body: []any{}}),
	} {
		label, fields := "old run", map[string]any(nil)
		switch name {
		case "-overrides":
			fields = map[string]any{"project": 12, "fov_size": 200.5, "description": "cropped", "operator": nil}
		case "-odd-label":
			label = "old+run & more"
		}
		calls = append(calls, goldenCall{name: "copy_run" + name, answers: answers, ours: copying(label, fields)})
	}
	return calls
}

func goldenImageCopies() []goldenCall {
	all := []jsonObject{
		goldenFOV(11, jsonObject{"sed": "sed.bmp", "imaging_preset": "Fine", "lens1_voltage": 0.5}),
		goldenFOV(12, jsonObject{"sed": "sed.tif"}),
		goldenFOV(13, jsonObject{"sed": "sed.tiff", "section": nil}),
		goldenFOV(14, jsonObject{"sed": "SED.PNG", "lens1_voltage": -3}),
		goldenFOV(15, jsonObject{"imaging_preset": "Fine", "lens1_voltage": 0.25}),
		goldenFOV(16, jsonObject{"section": nil}),
	}
	var older []jsonObject
	for _, image := range []jsonObject{goldenFOV(11, jsonObject{"sed": "sed.bmp"}), goldenFOV(12, nil)} {
		older = append(older, changed(image, jsonObject{"aperture": absentField, "imaging_preset": absentField, "lens1_voltage": absentField}))
	}
	nulls := jsonObject{"aperture": nil, "tissue": nil, "section": nil}
	two := []jsonObject{goldenFOV(11, nil), goldenFOV(12, nil)}
	twice := jsonObject{"id": 212, "folder": two[1]["folder"]}
	like := func(olds ...jsonObject) []stageAnswer { return imageCopyAnswers(olds, fresh(olds...)) }
	apertures := stageAnswer{on: "GET /apertures/", body: []any{jsonObject{"id": 1, "code": "A", "name": "1 mm"}}}
	atStorage := func(a stageAnswer) bool { return strings.HasPrefix(a.on, "GET storage") }
	copying := func(fields map[string]any) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
			made, err := c.Runs.CopyImages(ctx, "old run", "new run", fields)
			if err != nil {
				return nil, err
			}
			ids := map[string]int64{}
			for old, image := range made {
				ids[fmt.Sprint(old)] = image.ID
			}
			return ids, nil
		}
	}
	var calls []goldenCall
	for name, answers := range map[string][]stageAnswer{
		"":               like(all...),
		"-overrides":     like(goldenFOV(11, jsonObject{"sed": "sed.bmp"}), goldenFOV(12, jsonObject{"imaging_preset": "Fine"})),
		"-older-backend": like(older...),
		"-nulls":         like(goldenFOV(11, changed(nulls, jsonObject{"sed": "sed.bmp"})), goldenFOV(12, nulls)),
		"-code":          append(like(goldenFOV(11, jsonObject{"aperture": "A"})), apertures),
		"-missing":       imageCopyAnswers(two, fresh(two[0])),
		"-two":           imageCopyAnswers(two, append(fresh(two...), twice)),
		"-lost":          slices.DeleteFunc(like(goldenFOV(11, jsonObject{"sed": "sed.bmp"})), atStorage),
		"-gif":           like(goldenFOV(11, jsonObject{"sed": "sed.gif"})),
		"-empty":         append(like(), stageAnswer{on: "GET /runs/", query: map[string]string{"label": "old run"}, body: []any{goldenOldRun}}),
	} {
		var fields map[string]any
		if name == "-overrides" {
			fields = map[string]any{"frame": 512, "tissue": 77, "imaging_preset": nil}
		}
		calls = append(calls, goldenCall{name: "copy_run_image_metadata" + name, answers: answers, ours: copying(fields)})
	}
	return calls
}

func goldenImages(t *testing.T) []goldenCall {
	byLabel := map[string]string{"run__label": "old run", "number": "Point11", "paging": "no"}
	wirePartTexts := map[string]string{"run__name": "old run", "number": "Point11", "paging": "no"}
	imageID := func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
		image, err := c.Images.ByRunAndFOV(ctx, "old run", "Point11")
		if err != nil {
			return nil, err
		}
		return image.ID, nil
	}
	conjugates := func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
		found, err := c.Images.Conjugates(ctx, 11)
		targets := []string{}
		for _, conjugate := range found {
			targets = append(targets, conjugate.Target)
		}
		return targets, err
	}
	const channel = "HLA class 1 A, B, and C"
	plane := func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
		plane, err := c.Images.Channel(ctx, 11, channel)
		if err != nil {
			return nil, err
		}
		return jsonObject{"rows": plane.Height(), "columns": plane.Width(), "sum": plane.Stats().Sum}, nil
	}
	return []goldenCall{
		{
			name:    "run_images",
			answers: []stageAnswer{{on: "GET /images/", query: map[string]string{"run__label": "old run", "paging": "no"}, body: []any{goldenFOV(11, nil), goldenFOV(12, nil)}}},
			ours: func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
				images, err := c.Runs.Images(ctx, "old run")
				var ids []int64
				for _, image := range images {
					ids = append(ids, image.ID)
				}
				return ids, err
			},
		},
		{
			name: "image_conjugates",
			answers: []stageAnswer{{on: "GET /images/11/conjugates/", query: map[string]string{"paging": "no"}, body: []any{
				jsonObject{"id": 1, "target": "CD3", "mass": 159}, jsonObject{"id": 2, "target": "dsDNA", "mass": 89},
			}}},
			ours: conjugates,
		},
		{
			name: "image_conjugates-none", answers: []stageAnswer{{on: "GET /images/11/conjugates/", body: []any{}}}, ours: conjugates,
		},
		{name: "image_id", answers: []stageAnswer{{on: "GET /images/", query: byLabel, body: []any{goldenFOV(11, nil)}}}, ours: imageID},
		{name: "image_id-by-name", answers: []stageAnswer{
			{on: "GET /images/", query: byLabel, body: []any{}}, {on: "GET /images/", query: wirePartTexts, body: []any{goldenFOV(11, nil)}},
		}, ours: imageID},
		{name: "image_id-none", answers: []stageAnswer{{on: "GET /images/", body: []any{}}}, ours: imageID},
		{name: "image_id-two", answers: []stageAnswer{{on: "GET /images/", query: byLabel, body: []any{goldenFOV(11, nil), goldenFOV(11, nil)}}}, ours: imageID},
		{
			name: "get_mibi_image",
			answers: append([]stageAnswer{{on: "GET /images/11/", body: goldenFOV(11, nil)}},
				storedFile("old-run-uuid/Point11/RowNumber0/Depth_Profile0/summed_image.tiff", makeTIFF(t, 3, 64))...),
			ours: goldenMIBIImage,
		},
		{name: "get_channel_data", ours: plane, answers: append(slices.DeleteFunc(storedFile("channel", goldenPNG(t)), func(a stageAnswer) bool {
			return a.query != nil
		}), stageAnswer{
			on: "GET /images/11/channel_url/", query: map[string]string{"channel": channel},
			body: jsonObject{"url": "{storage}/signed/channel?signature=made-up"},
		})},
		{name: "get_channel_data-unknown", ours: plane, answers: []stageAnswer{
			{on: "GET /images/11/channelnames/", body: []any{"CD3", "dsDNA"}},
		}},
	}
}

func goldenMIBIImage(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
	image, err := c.Images.Open(ctx, 11)
	if err != nil {
		return nil, err
	}
	defer func() { _ = image.Close() }()
	var channels []string
	var sums []float64
	gist := jsonObject{}
	for i, channel := range image.Channels() {
		plane, err := image.ReadPlane(ctx, i)
		if err != nil {
			return nil, err
		}
		channels, sums = append(channels, channel.Target), append(sums, plane.Stats().Sum)
		maps.Copy(gist, jsonObject{"rows": plane.Height(), "columns": plane.Width()})
	}
	gist["channels"], gist["sums"] = channels, sums
	return gist, nil
}

// goldenPNG is a channel as a backend serves it, 16 bits deep.
func goldenPNG(t *testing.T) []byte {
	t.Helper()
	picture := image.NewGray16(image.Rect(0, 0, 9, 7))
	for i := range 63 {
		picture.SetGray16(i%9, i/9, color.Gray16{Y: uint16(i * 1000)})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
