package mibitiff_test

import "encoding/json"

// imageSteps are the things that are done to images here and in Python.
func imageSteps() []imageStep {
	pair := func(mass int, target string) any { return []any{mass, target} }
	pairs := []any{pair(89, "dsDNA"), pair(147, "CD45"), pair(150, "CD8/x")}
	names := []any{"1", "cells", "nuclei"}
	full := map[string]any{
		"run": "20180703_1234_test", "coordinates": []any{12345, -67890}, "size": 500.0, "slide": "857", "fov_id": "Point1",
		"fov_name": "R1C3_Tonsil", "folder": "Point1/RowNumber0/Depth_Profile0", "dwell": 4, "scans": "0,5", "aperture": "B",
		"instrument": "MIBIscope1", "tissue": "T\u00f6nsil", "panel": "20170916_1x", "mass_offset": 0.1, "mass_gain": 0.2,
		"time_resolution": 0.5, "miscalibrated": false, "check_reg": false, "filename": "f", "description": "test image", "version": "alpha",
	}
	none := map[string]any{}
	with := func(changes map[string]any) map[string]any {
		changed := map[string]any{}
		for key, value := range full {
			changed[key] = value
		}
		for key, value := range changes {
			changed[key] = value
		}
		return changed
	}
	var steps []imageStep
	add := func(channels []any, metadata map[string]any, do string, args ...any) {
		if args == nil {
			args = []any{}
		}
		steps = append(steps, imageStep{channels, metadata, do, args})
	}

	for _, metadata := range []map[string]any{
		none, full, {"fov_id": "FOV1"}, {"folder": "Point1/RowNumber0"}, {"fov_id": "FOV1", "folder": "FOV2"},
		{"fov_id": "FOV1", "folder": "FOV1/a"}, {"aperture": "300 \u03bcm"}, {"aperture": "30um"}, {"aperture": "1mm"}, {"aperture": "wide"},
		with(map[string]any{"fov_id": "Point99"}), with(map[string]any{"x_size": 500.5, "mass_range": 20}),
	} {
		add(pairs, metadata, "make")
		add(names, metadata, "copy")
	}
	for _, channels := range [][]any{
		{pair(1, "a"), pair(1, "b")}, {pair(1, "a"), pair(2, "a")}, {"a", "a"}, {"a", pair(1, "b")}, {"a"}, {pair(3, "3")}, {pair(4, "3"), pair(3, "4")},
	} {
		add(channels, none, "make")
	}
	for _, label := range []any{"CD45", "CD8/x", 147, 89, "none", 90} {
		add(pairs, none, "inds", label)
		add(pairs, full, "slice", label)
	}
	for _, label := range []any{"1", "cells", "cell"} {
		add(names, none, "inds", label)
	}
	add([]any{pair(4, "3"), pair(3, "4")}, none, "inds", "3")
	add(pairs, none, "inds", "CD")
	for _, labels := range [][]any{{"CD8/x", "dsDNA"}, {150, 89}, {"CD45", "CD45"}, {"CD45", "none"}, {"dsDNA", "CD45", "CD8/x"}} {
		for _, do := range []string{"slice", "remove", "without"} {
			// Python counts a channel that is removed twice once, as here, and
			// leaves an image without channels where it refuses to remove all.
			if do == "remove" && len(labels) == len(pairs) {
				continue
			}
			add(pairs, full, do, labels...)
		}
	}
	for _, labels := range [][]any{{"nuclei", "1"}, {"cells"}, {"none"}} {
		add(names, full, "slice", labels...)
		add(names, full, "remove", labels...)
	}
	for _, channels := range [][]any{{pair(1, "a"), pair(2, "b")}, {pair(147, "CD45")}, {pair(147, "a")}, {pair(1, "CD45")}, {"a"}, {"cells"}, {"CD45"}} {
		add(pairs, full, "append", channels, map[string]any{"run": "other"})
		add(names, none, "append", channels, full)
	}
	for _, targets := range []map[string]any{
		{"CD45": "CD45RO"}, {"CD45": "dsDNA"}, {"CD45": "dsDNA", "dsDNA": "CD45"}, {"CD45": "a", "none": "b"}, {"CD45": "a", "dsDNA": "a"}, {},
	} {
		add(pairs, full, "rename", targets)
	}
	add(names, none, "rename", map[string]any{"cells": "membranes", "1": "2"})
	add(names, none, "rename", map[string]any{"cells": "nuclei"})
	for _, channels := range [][]any{names, pairs, {"a", "b"}, {"a", "b", "a"}, {pair(1, "a"), pair(1, "b"), pair(2, "c")}, {pair(1, "a"), "b", "c"}} {
		add(names, full, "set_channels", channels)
		add(pairs, full, "set_channels", channels)
	}
	for _, args := range [][]any{{"FOV2"}, {"Point1"}, {"Point2", "Point2/a"}, {"FOV2", "FOV3"}} {
		add(pairs, full, "set_fov_id", args...)
		add(pairs, map[string]any{"fov_id": "FOV1"}, "set_fov_id", args...)
	}
	for _, attributes := range []map[string]any{{"x_size": 500.5, "mass_range": 20, "note": "\u00b5"}, {"run": "a"}, {"date": "a"}, {"x": true, "fov_id": "a"}} {
		add(pairs, full, "add", attributes)
	}
	add(pairs, with(map[string]any{"x_size": 1}), "add", map[string]any{"x_size": 2})
	for _, keys := range [][]any{{"x_size"}, {"x_size", "note"}, {"fov_id"}, {"x_size", "tissue"}, {"other"}, {"x_size", "other"}} {
		add(pairs, with(map[string]any{"x_size": 1, "note": "n"}), "remove_attr", keys...)
	}
	add(pairs, full, "pixel_size")
	add(pairs, none, "pixel_size")
	add(pairs, map[string]any{"size": 0}, "pixel_size")
	for _, other := range []struct {
		channels []any
		metadata map[string]any
	}{
		{pairs, full}, {pairs, none}, {pairs[:2], full}, {[]any{pairs[1], pairs[0], pairs[2]}, full}, {pairs, with(map[string]any{"dwell": json.RawMessage("4.0")})},
		{pairs, with(map[string]any{"dwell": "4"})}, {pairs, with(map[string]any{"coordinates": json.RawMessage("[12345.0, -67890.0]")})}, {pairs, with(map[string]any{"x": 1})},
	} {
		add(pairs, full, "equal", other.channels, other.metadata)
	}
	for _, size := range [][]any{{2, 3}, {3, 2}, {3, 3}, {4, 6}} {
		add(pairs, full, "resize", size, true)
	}
	add(pairs, full, "resize", []any{2, 3}, true)
	return steps
}
