package mibi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// Limits of ParseRunJSON. A real run has tens of FOVs, each in a kilobyte.
const (
	// MaxRunJSONBytes is the size in bytes above which a run JSON is refused.
	MaxRunJSONBytes = 16 << 20
	// MaxRunJSONFOVs is the number of FOVs, and that of regions, above which a
	// run JSON is refused.
	MaxRunJSONFOVs = 100_000
)

// ParseRunJSON reads the JSON that the software of newer instruments writes for
// a run ("Run JSON" in the format notes): a list of FOVs, or of tiled regions
// with theirs. A FOV without a size, frame or standard target of its own has its
// region's. Members that it does not know are ignored.
//
// It refuses what is not JSON in UTF-8, has no FOV, gives a run order twice,
// gives a number that cannot be, or exceeds the limits above. Every refusal is a
// *RunJSONError and ErrRunJSON by errors.Is; an error of r is returned wrapped.
func ParseRunJSON(r io.Reader) (*RunJSON, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxRunJSONBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the run JSON: %w", err)
	}
	if len(text) > MaxRunJSONBytes {
		return nil, &RunJSONError{Reason: fmt.Sprintf("larger than %d bytes", MaxRunJSONBytes)}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, &RunJSONError{Reason: "not UTF-8"}
	}
	p := &runJSONParser{text: text, dec: json.NewDecoder(bytes.NewReader(text)), orders: make(map[int]bool)}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return &p.run, nil
}

type runJSONParser struct {
	text   []byte
	dec    *json.Decoder
	run    RunJSON
	orders map[int]bool
}

func (p *runJSONParser) parse() error {
	err := p.object("", func(key string) error {
		switch key {
		case "fovs":
			return p.list(key, p.fov)
		case "rois":
			return p.list(key, p.region)
		}
		return p.skip(key)
	})
	if err != nil {
		return err
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return p.refuse("", "something follows the run")
	}
	if len(p.run.FOVs) == 0 {
		return &RunJSONError{Reason: "no FOVs, neither in fovs nor in rois: this is not a run JSON, or the run is empty"}
	}
	return nil
}

// object calls member after each key of an object, to read the value.
func (p *runJSONParser) object(path string, member func(key string) error) error {
	if err := p.delimiter(path, '{', "an object"); err != nil {
		return err
	}
	for p.dec.More() {
		token, err := p.dec.Token()
		if err != nil {
			return p.broken(path, err)
		}
		key, ok := token.(string)
		if !ok {
			return p.refuse(path, "a key is not text")
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return p.delimiter(path, '}', "the object's end")
}

// list calls entry for each entry of a list, with its path. null is no list.
func (p *runJSONParser) list(path string, entry func(path string) error) error {
	if err := p.delimiter(path, '[', "a list"); err != nil {
		return err
	}
	for n := 0; p.dec.More(); n++ {
		if err := entry(path + "[" + strconv.Itoa(n) + "]"); err != nil {
			return err
		}
	}
	return p.delimiter(path, ']', "the list's end")
}

func (p *runJSONParser) delimiter(path string, want json.Delim, what string) error {
	token, err := p.dec.Token()
	if err != nil {
		return p.broken(path, err)
	}
	if token != want {
		return p.refuse(path, "expected "+what)
	}
	return nil
}

func (p *runJSONParser) skip(path string) error { return p.value(path, new(json.RawMessage)) }

func (p *runJSONParser) value(path string, into any) error {
	start := p.dec.InputOffset()
	err := p.dec.Decode(into)
	if err == nil {
		return nil
	}
	e := p.broken(path, err)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		e.Line = p.lineOf(start)
		e.Reason = fmt.Sprintf("%s where %s is expected", printable(cut(wrong.Value, 40)), wrong.Type)
		if wrong.Field != "" {
			e.Path += "." + wrong.Field
		}
	}
	return e
}

func (p *runJSONParser) region(path string) error {
	if len(p.run.Regions) == MaxRunJSONFOVs {
		return p.refuse(path, fmt.Sprintf("more than %d regions", MaxRunJSONFOVs))
	}
	region := RunRegion{First: len(p.run.FOVs)}
	var common runJSONFOV
	err := p.object(path, func(key string) error {
		at := path + "." + key
		switch key {
		case "fovs":
			return p.list(at, p.fov)
		case "name":
			return p.value(at, &region.Name)
		case "xMargin":
			return p.value(at, &region.XMargin)
		case "yMargin":
			return p.value(at, &region.YMargin)
		case "fovSizeMicrons":
			return p.value(at, &common.Size)
		case "frameSizePixels":
			return p.value(at, &common.Frame)
		case "standardTarget":
			return p.value(at, &common.StandardTarget)
		}
		return p.skip(at)
	})
	if err != nil {
		return err
	}
	if err := common.check(); err != "" {
		return p.refuse(path, err)
	}
	// What they have in common may stand after the FOVs.
	fovs := p.run.FOVs[region.First:]
	region.Count = len(fovs)
	for i := range fovs {
		f := &fovs[i]
		if f.Size == 0 {
			f.Size = valueOr(common.Size, 0)
		}
		if f.FrameWidth == 0 {
			f.FrameWidth, f.FrameHeight = common.Frame.Width, common.Frame.Height
		}
		if f.StandardTarget == "" {
			f.StandardTarget = common.StandardTarget
		}
	}
	p.run.Regions = append(p.run.Regions, region)
	return nil
}

func (p *runJSONParser) fov(path string) error {
	if len(p.run.FOVs) == MaxRunJSONFOVs {
		return p.refuse(path, fmt.Sprintf("more than %d FOVs", MaxRunJSONFOVs))
	}
	start := p.dec.InputOffset()
	var f runJSONFOV
	if err := p.value(path, &f); err != nil {
		return err
	}
	reason := f.check()
	order := valueOr(f.RunOrder, 0)
	if reason == "" && order != 0 && p.orders[order] {
		reason = fmt.Sprintf("runOrder %d is another FOV's as well", order)
	}
	if reason != "" {
		e := p.refuse(path, reason)
		e.Line = p.lineOf(start)
		return e
	}
	p.orders[order] = true
	p.run.FOVs = append(p.run.FOVs, RunJSONFOV{
		Name: f.Name, RunOrder: order, Scans: valueOr(f.ScanCount, max(1, int(f.Scans))), Center: f.Center, Size: valueOr(f.Size, 0),
		FrameWidth: f.Frame.Width, FrameHeight: f.Frame.Height, Grid: f.Grid, Timing: f.Timing,
		Preset: f.Preset.Preset, Aperture: f.Preset.Aperture, PresetName: f.Preset.DisplayName,
		SectionID: f.SectionID, SlideID: f.SlideID, StandardTarget: f.StandardTarget, Notes: f.Notes,
	})
	return nil
}

// runJSONFOV is a FOV as the file writes it.
type runJSONFOV struct {
	Name      string       `json:"name"`
	RunOrder  *int         `json:"runOrder"`
	ScanCount *int         `json:"scanCount"`
	Scans     runJSONScans `json:"scans"`
	Center    *RunPosition `json:"centerPointMicrons"`
	Size      *float64     `json:"fovSizeMicrons"`
	Frame     struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	} `json:"frameSizePixels"`
	Grid   *RunPosition `json:"gridPosition"`
	Timing string       `json:"timingDescription"`
	Preset struct {
		Preset      string `json:"preset"`
		Aperture    string `json:"aperture"`
		DisplayName string `json:"displayName"`
	} `json:"imagingPreset"`
	SectionID      *int64 `json:"sectionId"`
	SlideID        *int64 `json:"slideId"`
	StandardTarget string `json:"standardTarget"`
	Notes          string `json:"notes"`
}

// check returns what is wrong with the numbers.
func (f *runJSONFOV) check() string {
	frame := f.Frame
	switch {
	case valueOr(f.RunOrder, 1) < 1 || valueOr(f.RunOrder, 1) > math.MaxInt32:
		return fmt.Sprintf("runOrder is %d, not a number from 1", *f.RunOrder)
	case valueOr(f.ScanCount, 1) < 1 || valueOr(f.ScanCount, 1) > math.MaxInt32:
		return fmt.Sprintf("scanCount is %d, not a number from 1", *f.ScanCount)
	case !(valueOr(f.Size, 1) > 0):
		return fmt.Sprintf("fovSizeMicrons is %v, not above zero", *f.Size)
	case frame.Width == 0 && frame.Height == 0:
		return ""
	case min(frame.Width, frame.Height) < 1 || max(frame.Width, frame.Height) > math.MaxInt32:
		return fmt.Sprintf("frameSizePixels is %d by %d", frame.Width, frame.Height)
	}
	return ""
}

// runJSONScans is the length of a list, whatever its entries are.
type runJSONScans int

// UnmarshalJSON counts without keeping.
func (n *runJSONScans) UnmarshalJSON(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return err // null, or a form that nobody has written yet: as if it were absent
	}
	var entry json.RawMessage
	for *n = 0; dec.More(); *n++ {
		if err := dec.Decode(&entry); err != nil {
			return err
		}
	}
	return nil
}

func valueOr[T any](v *T, absent T) T {
	if v == nil {
		return absent
	}
	return *v
}

// lineOf counts the lines up to the next value after an offset.
func (p *runJSONParser) lineOf(offset int64) int {
	at := min(int(offset), len(p.text))
	for at < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[at]) >= 0 {
		at++
	}
	return 1 + bytes.Count(p.text[:at], []byte("\n"))
}

func (p *runJSONParser) refuse(path, reason string) *RunJSONError {
	return &RunJSONError{Line: 1 + bytes.Count(p.text[:p.dec.InputOffset()], []byte("\n")), Path: printable(path), Reason: reason}
}

func (p *runJSONParser) broken(path string, err error) *RunJSONError {
	e := p.refuse(path, "broken JSON: "+printable(err.Error()))
	e.Err = err
	var syntax *json.SyntaxError
	// A decoder counts from somewhere inside the text; the whole of it does not.
	if whole := json.Unmarshal(p.text, new(json.RawMessage)); errors.As(err, &syntax) && errors.As(whole, &syntax) {
		e.Line = 1 + bytes.Count(p.text[:min(max(0, int(syntax.Offset)), len(p.text))], []byte("\n"))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		e.Reason = "the file ends before the run does"
		e.Line = 1 + bytes.Count(p.text, []byte("\n"))
	}
	return e
}
