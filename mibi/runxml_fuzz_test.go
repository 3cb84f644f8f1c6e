package mibi_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// xmlNode is any element, as encoding/xml makes a tree of a whole document:
// the fuzz target's second opinion, which keeps everything and has no limits.
type xmlNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Nodes   []xmlNode  `xml:",any"`
}

func (n *xmlNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// xmlTree reads one document, and reports whether it is one. Encodings other
// than UTF-8 are not for it: foreign says that the text declares one.
func xmlTree(text string) (tree *xmlNode, ok, foreign bool) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		foreign = true
		return nil, errors.ErrUnsupported
	}
	tree, ok = wholeTree(d)
	return tree, ok, foreign
}

func wholeTree(d *xml.Decoder) (*xmlNode, bool) {
	var root xmlNode
	if err := d.Decode(&root); err != nil {
		return nil, false
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return &root, true
		}
		switch t := token.(type) {
		case xml.Comment, xml.ProcInst:
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, false
			}
		default:
			return nil, false
		}
	}
}

// xmlFOVs says what FOVs a document has, from its tree: "folder x y", or
// false where the tree does not make a run.
func xmlFOVs(root *xmlNode) (fovs []string, ok bool) {
	points, roots, row, x, y := 0, 0, "", 0.0, 0.0
	for _, r := range root.Nodes {
		if r.XMLName.Local != "Root" {
			continue
		}
		roots++
		for _, p := range r.Nodes {
			if p.XMLName.Local != "Point" {
				continue
			}
			points++
			counts := map[string]int{}
			for _, e := range p.Nodes {
				name := e.XMLName.Local
				if digits, is := strings.CutPrefix(name, "RowNumber"); is && digits != "" && len(digits) < 10 && strings.Trim(digits, "0123456789") == "" {
					var errX, errY error
					x, errX = strconv.ParseFloat(strings.TrimSpace(e.attr("XAttrib")), 64)
					y, errY = strconv.ParseFloat(strings.TrimSpace(e.attr("YAttrib")), 64)
					if row = name; errX != nil || errY != nil {
						return nil, false
					}
				}
				if name != "Depth_Profile" && name != "Chemical_Image" {
					continue
				}
				if row == "" {
					return nil, false
				}
				fovs = append(fovs, fmt.Sprintf("Point%d/%s/%s%d %v %v", points, row, name, counts[name], x, y))
				counts[name]++
			}
		}
	}
	return fovs, roots > 0 && points > 0
}

// FuzzParseRunXML holds the parser against a tree that encoding/xml makes of
// the same text: what is read is in the tree, and a run in the tree that
// breaks no rule of ours is read.
func FuzzParseRunXML(f *testing.F) {
	f.Add([]byte(twoPoints))
	f.Add([]byte("\xff\xfe<\x00D\x00/\x00>\x00"))
	f.Add([]byte(`<?xml version="1.0" encoding="windows-1252"?><D><Root/></D>`))
	f.Add([]byte(`<!DOCTYPE D []><D/>`))
	f.Add([]byte(document(`<Root RunTime="0001-01-01T00:00:00">` + minimal + minimal + `</Root><Root>` + minimal + `</Root>`)))
	f.Add([]byte(document(`<x:Root xmlns:x="u">` + minimal + `</x:Root><!-- - --><![CDATA[ ]]>`)))
	f.Add([]byte("<D><Root><Point><Depth_Profile/></Point></Root></D>"))
	f.Fuzz(func(t *testing.T, in []byte) {
		text := string(in)
		run, err := mibi.ParseRunXML(strings.NewReader(text))
		if err != nil && (run != nil || !errors.Is(err, mibi.ErrRunXML)) {
			t.Fatalf("got %v, %v", run, err)
		}
		root, isTree, foreign := xmlTree(strings.TrimPrefix(text, "\xef\xbb\xbf"))
		if foreign || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			return
		}
		var want []string
		isRun := false
		if isTree {
			want, isRun = xmlFOVs(root)
		}
		if err == nil {
			checkRunFOVs(t, run, want, isRun)
			return
		}
		if isRun && !slices.ContainsFunc(ownRefusals(), func(r string) bool { return strings.Contains(err.Error(), r) }) {
			t.Fatalf("a run of %q is refused: %v", want, err)
		}
	})
}

// ownRefusals are the reasons to refuse what encoding/xml reads.
func ownRefusals() []string {
	return []string{"not accepted", "deeper than", "not a number", "positive whole number", "below zero", "is not a date",
		"text outside", "longer than", "more than"}
}

func checkRunFOVs(t *testing.T, run *mibi.RunXML, want []string, isRun bool) {
	t.Helper()
	if !isRun || len(want) != len(run.FOVs) {
		t.Fatalf("%d FOVs were read where the tree has %q, %v", len(run.FOVs), want, isRun)
	}
	for i, fov := range run.FOVs {
		if got := fmt.Sprintf("%s %v %v", fov.Folder, fov.XAttrib, fov.YAttrib); got != want[i] || fov.Depths < 1 || fov.Frame < 0 || fov.Dwell < 0 {
			t.Fatalf("FOV %+v, the tree has %s", fov, want[i])
		}
		first := run.FOVs[0]
		if fmt.Sprint(value(fov.MassGain), value(fov.MassOffset), value(fov.TimeBin), value(fov.MassRange)) !=
			fmt.Sprint(value(first.MassGain), value(first.MassOffset), value(first.TimeBin), value(first.MassRange)) {
			t.Fatalf("FOV %d has a calibration of its own", i)
		}
	}
}

func value(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}
