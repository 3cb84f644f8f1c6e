package mibi

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limits of ParseRunXML. A real run has tens of FOVs in tens of kilobytes.
const (
	// DefaultRunXMLMaxBytes is the size in bytes above which a run XML is
	// refused unless RunXMLMaxBytes says otherwise.
	DefaultRunXMLMaxBytes = 64 << 20
	// MaxRunXMLFOVs is the number of FOVs above which a run XML is refused.
	MaxRunXMLFOVs = 100_000
	// MaxRunXMLDepth is the depth of nested elements above which a run XML
	// is refused.
	MaxRunXMLDepth = 64

	// One tag, text or comment: without a bound of its own, a tag of a
	// million attributes costs many times its bytes in memory.
	maxRunXMLToken = 1 << 20
)

// RunXMLOption changes how ParseRunXML reads.
type RunXMLOption func(*runXMLParser)

// RunXMLMaxBytes sets the size in bytes above which the input is refused.
func RunXMLMaxBytes(n int64) RunXMLOption {
	return func(p *runXMLParser) { p.maxBytes = n }
}

// ParseRunXML reads the XML that the instrument's software writes for a run
// ("Run XML" in the format notes). It takes UTF-8, UTF-16 with a byte order
// mark, ISO-8859-1 and windows-1252, and ignores elements it does not know.
//
// It refuses what is not XML or has no Root or no Point in it, document type
// and entity declarations, elements nested deeper than MaxRunXMLDepth, more
// than MaxRunXMLFOVs FOVs, and input over the size limit. Every refusal is a
// *RunXMLError and ErrRunXML by errors.Is; an error of r is returned wrapped.
func ParseRunXML(r io.Reader, opts ...RunXMLOption) (*RunXML, error) {
	p := &runXMLParser{maxBytes: DefaultRunXMLMaxBytes}
	for _, opt := range opts {
		opt(p)
	}
	p.in = newRunXMLInput(r, p.maxBytes)
	text, transcoded := p.in.text()
	p.dec = xml.NewDecoder(text)
	p.dec.CharsetReader = runXMLCharset(transcoded)
	if err := p.parse(); err != nil {
		return nil, err
	}
	p.shareCalibration()
	return &p.run, nil
}

type runXMLParser struct {
	maxBytes int64
	in       *runXMLInput
	dec      *xml.Decoder
	run      RunXML
	path     []string // names of the open elements

	roots, points int
	pointName     *string
	kinds         map[string]int // FOVs of the point so far, by element name
	row           string         // the latest RowNumber element's name
	x, y          float64
}

func (p *runXMLParser) parse() error {
	for {
		p.in.startToken()
		tok, err := p.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.tokenError(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if err := p.start(t); err != nil {
				return err
			}
		case xml.EndElement:
			p.path = p.path[:len(p.path)-1]
		case xml.Directive:
			return p.refuse("document type and entity declarations are not accepted")
		case xml.CharData:
			if len(p.path) == 0 && strings.TrimSpace(string(t)) != "" {
				return p.refuse("text outside of any element: this is not XML")
			}
		}
	}
	switch {
	case p.in.err != nil && !errors.Is(p.in.err, io.EOF):
		return p.tokenError(p.in.err)
	case p.roots == 0:
		return &RunXMLError{Reason: "no Root element below the document's element: this is not a run XML"}
	case p.points == 0:
		return &RunXMLError{Reason: "no Point element in Root: the run has no FOVs"}
	}
	return nil
}

func (p *runXMLParser) start(t xml.StartElement) error {
	name := t.Name.Local
	p.path = append(p.path, name)
	depth := len(p.path)
	if depth > MaxRunXMLDepth {
		return p.refuse(fmt.Sprintf("elements are nested deeper than %d", MaxRunXMLDepth))
	}
	switch {
	case depth == 1 && p.kinds != nil:
		return p.refuse("a second document element")
	case depth == 1:
		p.kinds = make(map[string]int)
	case depth == 2 && name == "Root":
		return p.root(t)
	case depth == 3 && p.path[1] == "Root" && name == "Point":
		p.points++
		p.pointName = nil
		clear(p.kinds)
		if s, ok := attribute(t, "PointName"); ok {
			p.pointName = &s
		}
	case depth == 4 && p.path[1] == "Root" && p.path[2] == "Point":
		if isRowNumber(name) {
			return p.rowNumber(t)
		}
		if name == "Depth_Profile" || name == "Chemical_Image" {
			return p.fov(t)
		}
	}
	return nil
}

func (p *runXMLParser) root(t xml.StartElement) error {
	p.roots++
	s, ok := attribute(t, "RunTime")
	if p.roots > 1 || !ok || strings.TrimSpace(s) == "" {
		return nil
	}
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, time.DateTime, time.DateOnly} {
		// Parsing accepts a fraction of a second after each of these.
		when, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if when.Year() > 1 {
			p.run.RunTime = when
		}
		return nil
	}
	return p.refuse(fmt.Sprintf("RunTime %s is not a date such as 2018-05-11T16:55:24", quoted(s)))
}

func (p *runXMLParser) rowNumber(t xml.StartElement) error {
	for _, at := range []struct {
		name string
		to   *float64
	}{{"XAttrib", &p.x}, {"YAttrib", &p.y}} {
		v, err := p.number(t, at.name)
		if err != nil {
			return err
		}
		if v == nil {
			return p.refuse(at.name + " is missing: the stage position of what follows is unknown")
		}
		*at.to = *v
	}
	p.row = t.Name.Local
	return nil
}

func (p *runXMLParser) fov(t xml.StartElement) error {
	kind := t.Name.Local
	if p.row == "" {
		return p.refuse("no RowNumber element comes before it")
	}
	if len(p.run.FOVs) == MaxRunXMLFOVs {
		return p.refuse(fmt.Sprintf("more than %d FOVs", MaxRunXMLFOVs))
	}
	n := p.kinds[kind]
	p.kinds[kind]++
	number := "Point" + strconv.Itoa(p.points)
	f := RunFOV{
		Number:    number,
		Folder:    number + "/" + p.row + "/" + kind + strconv.Itoa(n),
		PointName: p.pointName,
		XAttrib:   p.x, YAttrib: p.y,
		Depths: 1,
	}
	for _, at := range []struct {
		name string
		to   **float64
	}{{"TimeResolution", &f.TimeBin}, {"MassGain", &f.MassGain}, {"MassOffset", &f.MassOffset}, {"MassRange", &f.MassRange}} {
		v, err := p.number(t, at.name)
		if err != nil {
			return err
		}
		*at.to = v
	}
	for _, at := range []struct {
		name string
		to   *int
	}{{"MaxNumberOfLevels", &f.Depths}, {"XSize", &f.Frame}, {"YSize", &f.FrameHeight}} {
		v, err := p.number(t, at.name)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if *v < 1 || *v > math.MaxInt32 || *v != math.Trunc(*v) {
			return p.refuse(fmt.Sprintf("%s is %v, not a positive whole number", at.name, *v))
		}
		*at.to = int(*v)
	}
	dwell, err := p.number(t, "AcquisitionTime")
	if err != nil {
		return err
	}
	if dwell != nil {
		if *dwell < 0 {
			return p.refuse(fmt.Sprintf("AcquisitionTime is %v ms, below zero", *dwell))
		}
		f.Dwell = *dwell
	}
	p.run.FOVs = append(p.run.FOVs, f)
	return nil
}

// shareCalibration gives every FOV the run's calibration, and a size to those
// without one.
func (p *runXMLParser) shareCalibration() {
	var first RunFOV
	for _, f := range p.run.FOVs {
		for _, at := range []struct{ to, from **float64 }{
			{&first.TimeBin, &f.TimeBin}, {&first.MassGain, &f.MassGain},
			{&first.MassOffset, &f.MassOffset}, {&first.MassRange, &f.MassRange},
		} {
			if *at.to == nil {
				*at.to = *at.from
			}
		}
		if first.Frame == 0 {
			first.Frame = f.Frame
		}
		if first.FrameHeight == 0 {
			first.FrameHeight = f.FrameHeight
		}
	}
	for i := range p.run.FOVs {
		f := &p.run.FOVs[i]
		f.TimeBin, f.MassGain = copied(first.TimeBin), copied(first.MassGain)
		f.MassOffset, f.MassRange = copied(first.MassOffset), copied(first.MassRange)
		if f.Frame == 0 {
			f.Frame = first.Frame
		}
		if f.FrameHeight == 0 {
			f.FrameHeight = first.FrameHeight
		}
	}
}

func copied(v *float64) *float64 {
	if v == nil {
		return nil
	}
	c := *v
	return &c
}

// number reads an attribute; an absent or empty one is nil.
func (p *runXMLParser) number(t xml.StartElement, name string) (*float64, error) {
	s, ok := attribute(t, name)
	if !ok || strings.TrimSpace(s) == "" {
		return nil, nil
	}
	v, ok := decimal(s)
	if !ok {
		return nil, p.refuse(fmt.Sprintf("%s is %s, not a number", name, quoted(s)))
	}
	return &v, nil
}

func (p *runXMLParser) refuse(reason string) *RunXMLError {
	line, _ := p.dec.InputPos()
	e := &RunXMLError{Line: line, Reason: reason}
	if len(p.path) > 0 {
		e.Element = printable(cut(p.path[len(p.path)-1], 40))
	}
	return e
}

func (p *runXMLParser) tokenError(err error) error {
	if failed := p.in.err; failed != nil && !errors.Is(failed, io.EOF) {
		var limit *runXMLLimitError
		if !errors.As(failed, &limit) {
			return fmt.Errorf("reading the run XML: %w", failed)
		}
		return p.refuse(limit.Error())
	}
	e := p.refuse(printable(err.Error()))
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		e.Reason = "broken XML: " + printable(syntax.Msg)
	}
	e.Err = err
	return e
}

func attribute(t xml.StartElement, name string) (string, bool) {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

func isRowNumber(name string) bool {
	digits, ok := strings.CutPrefix(name, "RowNumber")
	return ok && digits != "" && len(digits) <= 9 && strings.Trim(digits, "0123456789") == ""
}
