package mibitiff

import (
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/tiff"
)

// layout checks how a page's samples are stored and what they are.
func (c *checker) layout(p *checkedPage, t *tiff.Page) {
	var unsupported *UnsupportedError
	if errors.As(t.Unsupported(), &unsupported) {
		severity := SeverityError
		if p.kind != SIMS {
			severity = SeverityWarning
		}
		r := ruleOf("samples-unsupported")
		c.addAs(r.code, severity, r.effect, t.Index, unsupported.Tag, withCause(unsupported.Reason, unsupported.Err))
	} else {
		c.compression(t)
	}
	c.strips(t)
	c.photometric(p, t)
	if p.kind == SIMS {
		c.alike(p, t)
	}
}

func (c *checker) compression(t *tiff.Page) {
	switch t.Compression() {
	case tiff.CompressionDeflate:
	case tiff.CompressionOldDeflate:
		c.add("compression-older", t.Index, tiff.Compression, "32946")
	case tiff.CompressionLZW:
		c.add("compression", t.Index, tiff.Compression, "5, LZW")
	case tiff.CompressionPackBits:
		c.addAs("compression", SeverityNote, none, t.Index, tiff.Compression, "32773, PackBits")
	default:
		c.addAs("compression", SeverityNote, none, t.Index, tiff.Compression, "1, none")
	}
	switch t.Predictor() {
	case 1:
	case 3:
		c.add("predictor", t.Index, tiff.Predictor, "3")
	default:
		c.addAs("predictor", SeverityNote, none, t.Index, tiff.Predictor, "2")
	}
}

func (c *checker) strips(t *tiff.Page) {
	if t.Tiled() {
		c.add("tiles", t.Index, tiff.TileWidth, "")
		return
	}
	rows, ok := t.Tag(tiff.RowsPerStrip)
	value, _ := rows.Uint(0)
	offsets, _ := t.Tag(tiff.StripOffsets)
	switch {
	case offsets.Count > 1:
		c.add("strips", t.Index, tiff.StripOffsets, fmt.Sprintf("%d strips", offsets.Count))
	case ok && t.Height() > 0 && value != uint64(t.Height()):
		c.add("rows-per-strip", t.Index, tiff.RowsPerStrip, fmt.Sprintf("%d for %d rows", value, t.Height()))
	}
}

// photometric checks what the samples of a pixel mean.
func (c *checker) photometric(p *checkedPage, t *tiff.Page) {
	meaning, samples := 1, 1
	switch p.kind {
	case SIMS, SED:
	case Optical, Label:
		meaning, samples = 2, 3
	default:
		return
	}
	if _, given := t.Tag(tiff.PhotometricInterpretation); given && t.Photometric() != meaning {
		c.add("photometric", t.Index, tiff.PhotometricInterpretation, fmt.Sprintf("%d, not %d", t.Photometric(), meaning))
	}
	if t.SamplesPerPixel() != samples {
		severity, effect := SeverityError, ruleOf("samples-per-pixel").effect
		if p.kind != SIMS {
			severity, effect = SeverityWarning, "readers give it as it is"
		}
		c.addAs("samples-per-pixel", severity, effect, t.Index, tiff.SamplesPerPixel, fmt.Sprintf("%d, not %d", t.SamplesPerPixel(), samples))
	}
	if samples == 3 && t.Unsupported() == nil && sampleName(t) != "uint8" {
		c.add("colour-type", t.Index, tiff.BitsPerSample, sampleName(t))
	}
}

// sampleName is the type of the samples as numpy names it.
func sampleName(t *tiff.Page) string {
	name := map[int]string{tiff.FormatUint: "uint", tiff.FormatInt: "int", tiff.FormatFloat: "float"}[t.SampleFormat()]
	if name == "" {
		name = fmt.Sprintf("format %d, ", t.SampleFormat())
	}
	return fmt.Sprintf("%s%d", name, t.Bits())
}

// alike compares a channel's samples with the format's and the first channel's.
func (c *checker) alike(p *checkedPage, t *tiff.Page) {
	kind := sampleName(t)
	if kind != "uint16" && kind != "float32" && t.Unsupported() == nil {
		c.add("sample-type", t.Index, tiff.BitsPerSample, kind)
	}
	if p == c.first {
		return
	}
	first := &c.tiff.Pages[c.first.index]
	if t.Width() != first.Width() || t.Height() != first.Height() {
		c.add("page-size", t.Index, tiff.ImageWidth, fmt.Sprintf("%d×%d among %d×%d pixels", t.Width(), t.Height(), first.Width(), first.Height()))
	}
	if want := sampleName(first); kind != want {
		c.add("page-type", t.Index, tiff.BitsPerSample, fmt.Sprintf("%s among %s", kind, want))
	}
}
