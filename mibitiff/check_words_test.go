package mibitiff_test

import (
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
)

func textDepartures() []departure {
	describe := func(page int, pairs ...string) func(*draft) {
		return func(d *draft) {
			for i := 0; i < len(pairs); i += 2 {
				d.pages[page].describe(pairs[i], pairs[i+1])
			}
		}
	}
	const tag = tiff.ImageDescription
	list := []departure{
		{code: "description-missing", change: func(d *draft) { d.pages[0].drop(tag) }, severity: failure},
		{code: "description-missing", severity: failure, found: "SHORT", change: func(d *draft) { d.pages[0].set(tiff.ShortField(tag, 1)) }},
		{code: "description-long", severity: failure, change: func(d *draft) {
			d.pages[0].set(tiff.TextField(tag, strings.Repeat(" ", 4<<20)+d.pages[0].text(tag)))
		}},
		{code: "description-json", severity: failure, found: "byte 0", change: func(d *draft) { d.pages[0].set(tiff.TextField(tag, "ImageJ=1.53")) }},
		{code: "description-json", severity: failure, change: describe(0, `"image.type"`, `image.type`)},
		{code: "description-form", severity: note, change: describe(0, `"image.type": `, `"image.type":`)},
		{code: "description-form", severity: note, change: describe(0, "\\u00b5", "\u00b5")},
		{code: "nan-in-description", severity: warning, change: describe(0, `"mibi.slide": "5"`, `"mibi.slide": [1, NaN]`)},
		{code: "nan-in-description", severity: warning, change: describe(0, `"mibi.slide": "5"`, `"mibi.slide": -Infinity`)},
		{code: "duplicate-key", severity: warning, found: `"mibi.run"`, change: describe(0, `"mibi.slide": "5"`, `"mibi.run": "5"`)},
		{code: "image-type", severity: failure, change: describe(0, `"image.type": "SIMS", `, ``)},
		{code: "image-type", severity: failure, found: "7", change: describe(0, `"image.type": "SIMS"`, `"image.type": 7`)},
		{code: "image-type-unknown", severity: warning, found: `"Thermal"`, change: describe(0, `"SIMS"`, `"Thermal"`)},
		{code: "image-type-spelling", severity: note, found: `"sims"`, change: describe(0, `"SIMS"`, `"sims"`)},
		{code: "keys-missing", severity: note, found: `"mibi.slide"`, change: describe(0, `"mibi.slide": "5", `, ``)},
		{code: "keys-older", severity: note, found: `"mibi.size", "mibi.fov_name"`, change: describe(0, `"mibi.size": 400.0, `, ``, `"mibi.fov_name": "R1C3", `, ``)},
		{code: "required-missing", severity: warning, found: `"mibi.dwell"`, change: describe(0, `"mibi.dwell": 4`, `"mibi.dwell": null`)},
		{code: "required-missing", severity: warning, found: `"mibi.run", "mibi.fov_id", "mibi.folder"`,
			change: describe(0, `"mibi.run": "20191016_run"`, `"mibi.run": ""`, `"mibi.fov_id": "FOV1", `, ``, `"mibi.folder": "FOV1/RowNumber0"`, `"mibi.folder": null`)},
		{code: "unknown-mibi-key", severity: warning, found: `"mibi.own"`, change: describe(0, `"image.type"`, `"mibi.own": 1, "image.type"`)},
		{code: "reserved-key", severity: warning, found: `"SIMS"`, change: describe(0, `"image.type"`, `"SIMS": 1, "image.type"`)},
		{code: "key-order", severity: note, change: describe(0, `"image.type": "SIMS", `, ``, `"shape"`, `"image.type": "SIMS", "shape"`)},
		{code: "shape", severity: warning, found: "[8 9], not [8 8]", change: describe(0, `[8, 8]`, `[8, 9]`)},
		{code: "shape", severity: note, found: "missing", change: describe(0, `, "shape": [8, 8]`, ``)},
		{code: "lost-text", severity: note, found: `"mibi.panel"`, change: describe(0, "\\u00b5", "\\ufffd")},
		{code: "lost-text", severity: note, found: `"mibi.slide"`, change: describe(0, `"mibi.slide": "5"`, `"mibi.slide": "300 ?m"`)},
		{code: "channel-mass", severity: failure, change: describe(0, `"channel.mass": 100, `, ``)},
		{code: "channel-mass", severity: failure, found: "92.5", change: describe(0, `"channel.mass": 100`, `"channel.mass": 92.5`)},
		{code: "channel-mass-form", severity: warning, found: "100.0", change: describe(0, `"channel.mass": 100`, `"channel.mass": 100.0`)},
		{code: "channel-mass-form", severity: warning, change: describe(0, `"channel.mass": 100`, `"channel.mass": "100"`)},
		{code: "channel-target", severity: warning, change: describe(0, `"channel.target": "TargetAa"`, `"channel.target": null`)},
		{code: "channel-target-lacking", severity: failure, change: describe(0, `"channel.target": "TargetAa", `, ``)},
		{code: "folder", severity: failure, found: `folder "FOV2", fov_id "FOV1"`, change: describe(0, `"FOV1/RowNumber0"`, `"FOV2"`)},
		{code: "aperture-older", severity: note, found: "300", change: describe(0, `"B"`, `"300 \u03bcm"`)},
		{code: "aperture", severity: failure, found: "2 mm", change: describe(0, `"B"`, `"2 mm"`)},
		{code: "aperture", severity: failure, found: "300", change: describe(0, `"B"`, `"300 \u00b5m"`)},
	}
	for i := range list {
		list[i].tag = tag
	}
	return append(list,
		departure{code: "key-unexpected", severity: note, page: 2, tag: tag, found: `"mibi.run"`, change: describe(2, `"image.type"`, `"mibi.run": "x", "image.type"`)},
		departure{code: "aperture", severity: warning, page: 1, tag: tag, found: "2 mm", change: describe(1, `"B"`, `"2 mm"`)},
		departure{code: "coordinates", severity: warning, tag: tiff.XPosition, found: "[-241, 7]", change: describe(0, `-14967.999999999998`, `7.0`)},
		departure{code: "size", severity: warning, tag: tiff.XResolution, found: "500 µm in the description, 400 µm by the tag", change: describe(0, `400.0`, `500.0`)},
		departure{code: "metadata-differs", severity: note, page: 1, tag: tag, found: `"mibi.slide"`, change: describe(1, `"mibi.slide": "5"`, `"mibi.slide": 5`)},
		departure{code: "metadata-differs", severity: note, page: 1, tag: tag, found: `"mine"`, change: describe(1, `"image.type"`, `"mine": 1, "image.type"`)},
	)
}

func pageDepartures() []departure {
	// rename makes a page another channel.
	rename := func(page, mass int, target string) func(*draft) {
		return func(d *draft) {
			was := string(rune('A'+page)) + "a"
			d.pages[page].describe(fmt.Sprintf(`"channel.mass": %d, "channel.target": "Target%s"`, 100+page, was),
				fmt.Sprintf(`"channel.mass": %d, "channel.target": "%s"`, mass, target))
			d.pages[page].set(tiff.TextField(tiff.PageName, fmt.Sprintf("%s (%d)", target, mass)))
		}
	}
	order := func(pages ...int) func(*draft) {
		return func(d *draft) {
			var list []draftPage
			for _, i := range pages {
				list = append(list, d.pages[i])
			}
			d.pages = list
		}
	}
	const tag = tiff.ImageDescription
	return []departure{
		{code: "no-channel", severity: failure, page: whole, change: order(2, 3, 4)},
		{code: "duplicate-mass", severity: failure, page: 1, tag: tag, found: "100, as page 0", change: rename(1, 100, "TargetBa")},
		{code: "duplicate-target", severity: failure, page: 1, tag: tag, found: `"TargetAa", as page 0`, change: rename(1, 101, "TargetAa")},
		{code: "channel-targets", severity: failure, page: 1, tag: tag, change: func(d *draft) {
			for i := range 2 {
				d.pages[i].describe(`"channel.target": "Target`+string(rune('A'+i))+`a"`, `"channel.target": null`)
			}
		}},
		{code: "page-order", severity: note, page: 1, found: `"TargetAa" after "TargetBa"`, change: order(1, 0, 2, 3, 4)},
		{code: "page-order", severity: note, page: 1, found: "SIMS", change: order(2, 0, 1, 3, 4)},
		{code: "page-order", severity: note, page: 4, found: "Optical", change: order(0, 1, 2, 4, 3)},
		{code: "second-page", severity: warning, page: 3, tag: tag, found: "SED", change: order(0, 1, 2, 2, 3, 4)},
		{code: "label-size", severity: note, page: 4, tag: tiff.ImageWidth, found: "5×5 pixels for an optical image of 361×1425", change: func(d *draft) {
			d.pages[4].set(tiff.LongField(tiff.ImageLength, 5), tiff.LongField(tiff.RowsPerStrip, 5))
			d.pages[4].describe("[6, 5, 3]", "[5, 5, 3]")
		}},
		{code: "label-alone", severity: note, page: whole, change: order(0, 1, 2, 3)},
	}
}
