package mibitracker_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

type jsonObject = map[string]any

// sessionAnswers are given where a call has no others.
var sessionAnswers = []stageAnswer{
	{on: "POST /api-token-auth/", body: jsonObject{"token": "login-token"}},
	{on: "POST //api-token-auth/", body: jsonObject{"token": "login-token"}},
	{on: "POST /api-token-refresh/", body: jsonObject{"token": "refreshed-token"}},
	{on: "OPTIONS /", body: jsonObject{}},
	{on: "GET /runs/", body: goldenPage()},
}

func goldenPage(results ...any) jsonObject {
	if results == nil {
		results = []any{}
	}
	return jsonObject{"count": len(results), "next": nil, "previous": nil, "results": results}
}

// changed is a copy of an object with other values; absentField takes a field
// out.
func changed(o jsonObject, changes jsonObject) jsonObject {
	changed := maps.Clone(o)
	maps.Copy(changed, changes)
	maps.DeleteFunc(changed, func(_ string, v any) bool { return v == absentField })
	return changed
}

type absence struct{}

var absentField = absence{}

// storedFile are the answers that lead to a file in storage.
func storedFile(path string, content any) []stageAnswer {
	return []stageAnswer{
		{
			on: "GET /download/", query: map[string]string{"path": path},
			body: jsonObject{"url": "{storage}/signed/" + url.PathEscape(path) + "?signature=made-up&expires=99"},
		},
		{on: "GET storage/signed/" + path, body: content},
	}
}

var (
	goldenXML = []byte(`<?xml version="1.0"?><Experiment><Root RunTime="2019-03-08T10:11:12"/></Experiment>`)

	goldenOldRun = jsonObject{
		"id": 26, "name": "20190308_2169_2170", "label": "old run", "description": "two slides", "operator": "B. Operator",
		"xml": "20190308_2169_2170.xml", "filename": "20190308_2169_2170.xml",
		"path": "20190308_2169_2170-92a8e5d5-a6ae-43ba-a749-cd0ff4d916d9", "run_date": "2019-03-08",
		"fov_size": json.Number("400.0"), "magnification": json.Number("400.0"),
		"aperture": jsonObject{"id": 2, "code": "B", "name": "300 µm"}, "project": jsonObject{"id": 7, "name": "Sampler"},
		"instrument": jsonObject{"id": 3, "name": "Beta2"},
		"slide_ids":  []any{jsonObject{"id": 5, "name": "5"}, jsonObject{"id": 6, "name": "6"}},
		"imageset":   jsonObject{"id": 40, "name": "20190308_2169_2170", "images": []any{}}, "active": true,
	}
	goldenNewRun = changed(goldenOldRun, jsonObject{"id": 27, "label": "new run", "path": "new-run-uuid"})
)

// runCopyAnswers are the answers to the copying of a run.
func runCopyAnswers(old jsonObject, xml any) []stageAnswer {
	return append([]stageAnswer{
		{on: "GET /runs/", query: map[string]string{"label": fmt.Sprint(old["label"]), "paging": "no"}, body: []any{old}},
		{on: "POST /runs/", status: 201, body: goldenNewRun},
	}, storedFile(fmt.Sprintf("%v/%v", old["path"], old["xml"]), xml)...)
}

// goldenFOV is an image of the old run, with all fields that a copy takes.
func goldenFOV(n int, changes jsonObject) jsonObject {
	return changed(jsonObject{
		"id": n, "number": fmt.Sprintf("Point%d", n), "folder": fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", n),
		"fov_size": json.Number("500.0"), "frame": 1024, "dwell_time": json.Number("4.0"), "depths": 1, "sed": nil,
		"aperture": jsonObject{"id": 1, "code": "A", "name": "1 mm"}, "imaging_preset": nil, "lens1_voltage": nil,
		"tissue":  jsonObject{"id": 8, "organ": "Tonsil"},
		"section": jsonObject{"id": 9, "position": "Bottom"},
		"run":     jsonObject{"id": 26, "label": "old run", "path": "old-run-uuid"},
		"status":  []any{"A"},
	}, changes)
}

func goldenSED(n int, name string) (path string, content []byte) {
	return fmt.Sprintf("old-run-uuid/Point%d/RowNumber0/Depth_Profile0/%s", n, name), []byte(fmt.Sprint("SED image ", n, name))
}

// fresh are the images of the new run: one of each folder, with an id that is
// 100 more.
func fresh(old ...jsonObject) []jsonObject {
	var images []jsonObject
	for _, image := range old {
		id, _ := image["id"].(int)
		images = append(images, changed(image, jsonObject{
			"id": id + 100, "sed": nil, "section": nil, "tissue": nil, "status": []any{"U"},
			"run": jsonObject{"id": 27, "label": "new run", "path": "new-run-uuid"},
		}))
	}
	return images
}

// imageCopyAnswers are the answers to the copying of images, also where the
// new ones are asked for by their folder.
func imageCopyAnswers(olds, news []jsonObject) []stageAnswer {
	ofNew := func(folder any, images []jsonObject) stageAnswer {
		query := map[string]string{"run__label": "new run", "folder": fmt.Sprint(folder), "paging": "no"}
		return stageAnswer{on: "GET /images/", query: query, body: append([]jsonObject{}, images...)}
	}
	all := []stageAnswer{
		{on: "GET /images/", query: map[string]string{"run__label": "old run", "paging": "no"}, body: append([]jsonObject{}, olds...)},
		ofNew("", news),
	}
	for _, image := range olds {
		id, _ := image["id"].(int)
		all = append(all, ofNew(image["folder"], slices.DeleteFunc(slices.Clone(news), func(n jsonObject) bool {
			return n["folder"] != image["folder"]
		})))
		if name, ok := image["sed"].(string); ok {
			all = append(all, storedFile(goldenSED(id, name))...)
		}
	}
	for _, image := range news {
		all = append(all, stageAnswer{on: fmt.Sprintf("PUT /images/%v/", image["id"]), body: image})
	}
	return all
}
