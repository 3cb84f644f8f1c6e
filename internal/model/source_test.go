package model_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
)

func TestSourceCheck(t *testing.T) {
	t.Parallel()
	run := model.Run{Label: "20190308_2169 again", Name: "20190308_2169"}
	folder := "Point9/RowNumber0/Depth_Profile0"
	channels := []model.Channel{{Kind: model.ChannelSIMS, Name: "CD3"}, {Kind: model.ChannelExtra, Name: "cell_boundaries"}}
	for name, test := range map[string]struct {
		run, folder string
		channel     string
		want        string // in the error; "" for none
	}{
		"by label":           {run: run.Label, folder: folder, channel: "CD3"},
		"by name":            {run: run.Name, folder: folder, channel: "CD4"},
		"another run":        {run: "20190308", folder: folder, want: `"20190308"`},
		"no run":             {run: "", folder: folder, want: `run ""`},
		"another folder":     {run: run.Name, folder: "Point1/RowNumber0/Depth_Profile0", want: `"Point1/RowNumber0/Depth_Profile0"`},
		"only its beginning": {run: run.Name, folder: "Point9", want: `"Point9"`},
		"in another case":    {run: run.Name, folder: strings.ToLower(folder), want: "folder"},
		"an extra channel":   {run: run.Name, folder: folder, channel: "cell_boundaries", want: `"cell_boundaries"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := model.Source{Run: test.run, Folder: test.folder, Channels: []string{test.channel}}.Check(run, folder, channels)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, model.ErrSource) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an ErrSource with %s", err, test.want)
			}
		})
	}
	if err := (model.Source{}).Check(model.Run{}, "", nil); !errors.Is(err, model.ErrSource) {
		t.Errorf("a TIFF without a run fits a run without a name: %v", err)
	}
}
