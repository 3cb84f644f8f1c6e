package mibi_test

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// BenchmarkParseDescription reads what one page has in tag 270: 1 KB as the
// field's tools write it, and 9 KB with the nested private keys of some
// instruments. Looking over an image's channels costs this for each page.
func BenchmarkParseDescription(b *testing.B) {
	plain := `{"mibi.run": "20191016_1_run", "mibi.coordinates": [-241.0, -14968.0], "mibi.size": 400.0, "mibi.slide": "857", ` +
		`"mibi.fov_id": "FOV1", "mibi.fov_name": "R1C3_Tonsil", "mibi.folder": "FOV1/RowNumber0/Depth_Profile0", "mibi.dwell": 4.0, ` +
		`"mibi.scans": "0,1,2,3,4,5,6,7", "mibi.aperture": "B", "mibi.instrument": "MIBIscope1", "mibi.tissue": "Tonsil", ` +
		`"mibi.panel": "20191014_Panel_1", "mibi.mass_offset": 0.1, "mibi.mass_gain": 0.2, "mibi.time_resolution": 0.5, ` +
		`"mibi.miscalibrated": false, "mibi.check_reg": false, "mibi.filename": "20191016_1_run", "mibi.description": "R1C3 20 \u00b5m", ` +
		`"mibi.version": "alpha", "xml": "PRIVATE", "image.type": "SIMS", "channel.mass": 147, "channel.target": "CD45", "shape": [1024, 1024]}`
	nested := `{"settings": {` + strings.Repeat(`"some setting": {"value": 0.25, "unit": "\u00b5m", "steps": [1, 2, 3, -4.5], "on": true}, `, 90) + `"end": null}}`
	for name, text := range map[string]string{
		"1KB": strings.Replace(plain, `"PRIVATE"`, `"`+strings.Repeat("x", 120)+`"`, 1),
		"9KB": strings.Replace(plain, `"PRIVATE"`, nested, 1),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mibi.ParseDescription([]byte(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
