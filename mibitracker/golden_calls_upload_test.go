package mibitracker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitracker"
)

// goldenFolder are the files that the calls send. Their content means
// nothing to who sends them.
var goldenFolder = map[string][]byte{
	"point1.tiff": noise(5000),
	"CD3.png":     noise(700),
	"CD8.TIF":     noise(701),
	"cells.tiff":  noise(702),
}

func goldenUploads() []goldenCall {
	sign := stageAnswer{
		on: "GET /upload_mibitiff/sign_tiff_url/", query: map[string]string{"run_id": "26"},
		body: jsonObject{"url": "{storage}/put?signature=made-up", "location": "tmp/é/1"},
	}
	put := stageAnswer{on: "PUT storage/put", body: ""}
	queue := stageAnswer{on: "POST /upload_mibitiff/", body: jsonObject{"queued": true}}
	upload := func(run int64, reader bool) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
			source, err := mibitracker.FromFile(filepath.Join(dir, "point1.tiff"))
			if reader {
				content := goldenFolder["point1.tiff"]
				source, err = mibitracker.FromReaderAt("", bytes.NewReader(content), int64(len(content))), nil
			}
			if err != nil {
				return nil, err
			}
			done, err := c.Uploads.MIBItiff(ctx, run, source)
			if err != nil {
				return nil, err
			}
			return json.RawMessage(done.Answer), nil
		}
	}
	refused := stageAnswer{on: queue.on, status: 400, body: jsonObject{"detail": "The file is of another run."}}
	expired := stageAnswer{on: put.on, status: 403, body: "<Error><Code>AccessDenied</Code></Error>"}
	return []goldenCall{
		{name: "upload_mibitiff", answers: []stageAnswer{sign, put, queue}, ours: upload(26, false)},
		{name: "upload_mibitiff-object", answers: []stageAnswer{sign, put, queue}, ours: upload(26, true)},
		{name: "upload_mibitiff-refused", answers: []stageAnswer{sign, put, refused}, ours: upload(26, false)},
		{name: "upload_mibitiff-refused-by-storage", answers: []stageAnswer{sign, expired, queue}, ours: upload(26, false)},
		{name: "upload_mibitiff-without-run", answers: []stageAnswer{sign, put, queue}, ours: upload(0, false)},
	}
}

func goldenChannels() []goldenCall {
	var calls []goldenCall
	for name, file := range map[string][2]string{
		"CD3.png":      {"CD3.png", ""},
		"CD8.TIF":      {"CD8.TIF", ""},
		"cells.tiff":   {"cells.tiff", ""},
		"named":        {"CD3.png", "HLA class 1 A, B, and C.PNG"},
		"odd-name":     {"CD3.png", `A/B µ "x".png`},
		"without-name": {"", ""},
	} {
		calls = append(calls, goldenCall{
			name: "upload_channel-" + name, answers: []stageAnswer{{on: "POST /images/11/upload_channel/", body: jsonObject{"ok": true}}},
			ours: func(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
				source := mibitracker.FromBytes("", []byte("content"))
				if file[0] != "" {
					var err error
					if source, err = mibitracker.FromFile(filepath.Join(dir, file[0])); err != nil {
						return nil, err
					}
				}
				if file[1] != "" {
					source.Name = file[1]
				}
				done, err := c.Uploads.Channel(ctx, 11, source)
				if err != nil {
					return nil, err
				}
				return json.RawMessage(done.Answer), nil
			},
		})
	}
	return calls
}

func goldenImageSets() []goldenCall {
	described := "what is in it"
	create := func(n mibitracker.NewImageSet) func(context.Context, *mibitracker.Client, string) (any, error) {
		return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
			_, err := c.ImageSets.Create(ctx, n)
			return nil, err
		}
	}
	answers := []stageAnswer{{on: "POST /imagesets/", status: 201, body: jsonObject{"id": 4, "name": "the set"}}}
	return []goldenCall{
		{
			name: "create_imageset", answers: answers,
			ours: create(mibitracker.NewImageSet{Images: []int64{10, 11}, Name: "the set", Project: 7}),
		},
		{
			name: "create_imageset-described", answers: answers,
			ours: create(mibitracker.NewImageSet{Images: []int64{10}, Name: "the set", Project: 7, Description: &described}),
		},
	}
}
