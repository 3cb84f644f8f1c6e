package mibi_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// A panel says which channels an image has, and in which order its pages stand.
func Example() {
	panel, err := mibi.ReadPanel(strings.NewReader("Mass,Target\n89,dsDNA\n147,CD20\n165,CD4\n113,\n97,97\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	channels := panel.Channels()
	mibi.SortChannels(channels)
	for _, c := range channels {
		fmt.Println(c)
	}
	fmt.Println("lines left out:", panel.Dropped)
	// Output:
	// CD20 (147)
	// CD4 (165)
	// dsDNA (89)
	// 97 (97)
	// lines left out: [5]
}

func ExampleValue() {
	for _, text := range []string{`4`, `"4"`, `4.0`, `"0,1"`, `null`, `true`} {
		v, err := mibi.ParseValue(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		number, ok := v.Float()
		fmt.Printf("%s: text %q, number %v %v\n", v.JSON(), v, number, ok)
	}
	// Output:
	// 4: text "4", number 4 true
	// "4": text "4", number 4 true
	// 4.0: text "4.0", number 4 true
	// "0,1": text "0,1", number 0 false
	// null: text "", number 0 false
	// true: text "true", number 0 false
}

func ExampleParseAperture() {
	for _, text := range []string{"1 mm", "300 \u00b5m", "300 \u03bcm", "300 ?m", "B", "2 mm"} {
		code, err := mibi.ParseAperture(text)
		fmt.Println(code, errors.Is(err, mibi.ErrUnknownAperture))
	}
	// Output:
	// A false
	// B false
	// B false
	// B false
	// B false
	//  true
}

func ExampleDescription_AppendJSON() {
	d := mibi.Description{
		Metadata:  mibi.Metadata{Run: mibi.Text("run1"), User: []mibi.UserValue{{Key: "stain", Value: mibi.Text("20 µm")}}},
		ImageType: "SIMS", Mass: mibi.Int(147), Target: mibi.Text("CD20"), Shape: []int{1024, 1024},
	}
	text := string(d.AppendJSON(nil))
	fmt.Println(text[:16], "...", text[strings.Index(text, `"stain"`):])
	// Output: {"mibi.run": "ru ... "stain": "20 \u00b5m", "image.type": "SIMS", "channel.mass": 147, "channel.target": "CD20", "shape": [1024, 1024]}
}

func ExampleMetadata_Missing() {
	m := mibi.Metadata{Run: mibi.Text("run1"), FOVID: mibi.Text("FOV1"), FOVName: mibi.Text("R1C1"), Folder: mibi.Text("FOV1"),
		Dwell: mibi.Float(4), Scans: mibi.Int(1), MassOffset: mibi.Float(0), Coordinates: mibi.Pair(-241, -14968)}
	fmt.Println(m.Missing())
	// Output: [size mass_gain time_resolution date]
}

func ExampleMetadata_Upgrade() {
	old := mibi.Metadata{Description: mibi.Text("R1C1"), Folder: mibi.Text("Point2/RowNumber0/Depth_Profile0"), Aperture: mibi.Text("300um")}
	m := old.Upgrade()
	fmt.Println(m.FOVName, m.FOVID, m.Aperture)
	// Output: R1C1 Point2 B
}

func ExampleCheckUnique() {
	err := mibi.CheckUnique([]mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 89, Target: "CD4"}})
	fmt.Println(err)
	fmt.Println(errors.Is(err, mibi.ErrDuplicateChannel))
	// Output:
	// channels "dsDNA (89)" and "CD4 (89)" have one mass: mass or target is not unique
	// true
}

func ExampleParsePageName() {
	c, ok := mibi.ParsePageName("CD20 (147)")
	fmt.Println(c.Target, c.Mass, ok)
	// Output: CD20 147 true
}

func ExamplePanelError() {
	_, err := mibi.ReadPanel(strings.NewReader("Mass,Target\n89,dsDNA\nheavy,CD4\n"))
	if refused, ok := errors.AsType[*mibi.PanelError](err); ok {
		fmt.Println(refused.Line, refused.Column, refused.Field)
	}
	fmt.Println(err)
	// Output:
	// 3 1 Mass
	// panel CSV, line 3, column 1 (Mass): "heavy" is not a whole mass from 1 to 1000 Da
}
