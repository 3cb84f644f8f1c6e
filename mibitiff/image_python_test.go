package mibitiff_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// imageStep is one thing that is done to an image, here and in Python.
type imageStep struct {
	Channels []any          `json:"channels"`
	Metadata map[string]any `json:"metadata"`
	Do       string         `json:"do"`
	Args     []any          `json:"args"`
}

// imageState is all that an image holds, but for its date.
type imageState struct {
	Channels []any                 `json:"channels"`
	DType    string                `json:"dtype"`
	Planes   []string              `json:"planes"`
	Metadata map[string]mibi.Value `json:"metadata"`
}

// imageAnswer is what came of a step.
type imageAnswer struct {
	Refused string      `json:"refused"`
	Value   any         `json:"value"`
	Image   *imageState `json:"image"`
	New     *imageState `json:"new"`
}

// TestImageAsPythonDoes does the same things to images here and with
// MIBItracker's Python tools: what they refuse is refused, and all else leaves
// the same channels, samples and metadata. MIBILIB_DIR names a checkout of them.
func TestImageAsPythonDoes(t *testing.T) {
	t.Parallel()
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of MIBItracker's Python tools (ionpath/mibilib)")
	}
	steps := imageSteps()
	asked, err := json.Marshal(steps)
	if err != nil {
		t.Fatal(err)
	}
	out := runPython(t, asked, []string{"PYTHONPATH=" + lib}, pythonWith(t, "skimage"), "testdata/python_image.py")
	var want []imageAnswer
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i, step := range steps {
		got := doStep(t, step)
		if (got.Refused != "") != (want[i].Refused != "") {
			t.Errorf("%v: %q, Python says %q", step, got.Refused, want[i].Refused)
		}
		if got.Refused != "" {
			refused++
		}
		got.Refused, want[i].Refused = "", ""
		if diff := cmp.Diff(want[i], got, cmp.Comparer(func(a, b mibi.Value) bool { return a == b })); diff != "" {
			t.Errorf("%v: not as Python: %s", step, diff)
		}
	}
	t.Logf("%d steps, %d refused by both", len(steps), refused)
}

// doStep does a step here.
func doStep(t *testing.T, step imageStep) (answer imageAnswer) {
	im, err := imageOf(t, step.Channels, step.Metadata)
	if err != nil {
		return imageAnswer{Refused: err.Error()}
	}
	var made *mibitiff.Image
	answer.Value, made, err = act(t, im, step)
	if err != nil {
		answer.Refused = err.Error()
	}
	answer.Image, answer.New = stateOf(im), stateOf(made)
	return answer
}

// act calls the method that a step is about.
func act(t *testing.T, im *mibitiff.Image, step imageStep) (value any, made *mibitiff.Image, err error) {
	var labels []string
	for _, a := range step.Args {
		labels = append(labels, fmt.Sprint(a))
	}
	switch step.Do {
	case "make":
	case "inds":
		var i int
		i, err = im.Index(labels[0])
		if err == nil {
			value = float64(i)
		}
	case "pixel_size":
		var size float64
		if size, err = im.PixelSize(); err == nil {
			value = size
		}
	case "equal":
		other, otherErr := imageOf(t, step.Args[0].([]any), step.Args[1].(map[string]any))
		if otherErr != nil {
			t.Fatal(otherErr)
		}
		value = im.Equal(other)
	case "slice":
		made, err = im.Slice(labels...)
	case "copy":
		made = im.Copy()
	case "append":
		other, otherErr := imageOf(t, step.Args[0].([]any), step.Args[1].(map[string]any))
		if otherErr != nil {
			t.Fatal(otherErr)
		}
		err = im.Append(other)
	case "remove":
		err = im.Remove(labels...)
	case "without":
		made, err = im.Without(labels...)
	case "rename":
		targets := map[string]string{}
		for label, target := range step.Args[0].(map[string]any) {
			targets[label] = target.(string)
		}
		err = im.Rename(targets)
	case "set_channels":
		err = im.SetChannels(channelsOf(step.Args[0].([]any)))
	case "set_fov_id":
		err = im.SetFOVID(labels[0], append(labels, "")[1])
	case "add":
		err = im.AddAttributes(userValues(t, step.Args[0].(map[string]any))...)
	case "remove_attr":
		err = im.RemoveAttributes(labels...)
	case "resize":
		size := step.Args[0].([]any)
		var opts []mibitiff.ResizeOption
		if step.Args[1].(bool) {
			opts = append(opts, mibitiff.KeepType())
		}
		var resized *mibitiff.Image
		if resized, err = im.Resize(t.Context(), size[1].(int), size[0].(int), opts...); err == nil {
			*im = *resized
		}
	default:
		err = errors.ErrUnsupported
		t.Errorf("no step is called %s", step.Do)
	}
	return value, made, err
}

// imageOf makes the image of a step.
func imageOf(t *testing.T, names []any, values map[string]any) (*mibitiff.Image, error) {
	t.Helper()
	var planes []mibitiff.Plane
	for i := range names {
		planes = append(planes, countingPlane(t, 3, 2, uint16(100*i)))
	}
	specified := map[string]any{}
	var user []mibi.UserValue
	var keys []string
	for key := range (mibi.Metadata{}).All() {
		keys = append(keys, key)
	}
	own := map[string]any{}
	for key, value := range values {
		own[key] = value
		for _, k := range keys {
			if k == "mibi."+key {
				specified[k] = value
				delete(own, key)
			}
		}
	}
	user = userValues(t, own)
	text, err := json.Marshal(specified)
	if err != nil {
		t.Fatal(err)
	}
	description, err := mibi.ParseDescription(text)
	if err != nil {
		t.Fatal(err)
	}
	description.Metadata.User = user
	return mibitiff.NewImage(description.Metadata, channelsOf(names), planes)
}

func channelsOf(names []any) []mibi.Channel {
	var channels []mibi.Channel
	for _, name := range names {
		switch name := name.(type) {
		case string:
			channels = append(channels, mibi.Channel{Target: name})
		case []any:
			channels = append(channels, mibi.Channel{Mass: name[0].(int), Target: name[1].(string)})
		}
	}
	return channels
}

func userValues(t *testing.T, values map[string]any) []mibi.UserValue {
	t.Helper()
	var user []mibi.UserValue
	for key, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := mibi.ParseValue(string(text))
		if err != nil {
			t.Fatal(err)
		}
		user = append(user, mibi.UserValue{Key: key, Value: parsed})
	}
	return user
}

func stateOf(im *mibitiff.Image) *imageState {
	if im == nil {
		return nil
	}
	state := &imageState{DType: im.DType().String(), Metadata: map[string]mibi.Value{}}
	for i, c := range im.Channels() {
		sum := im.Planes()[i].SHA256()
		state.Planes = append(state.Planes, hex.EncodeToString(sum[:]))
		if im.Masses() == nil {
			state.Channels = append(state.Channels, c.Target)
			continue
		}
		state.Channels = append(state.Channels, []any{float64(c.Mass), c.Target})
	}
	meta := im.Metadata()
	for key, value := range meta.All() {
		if name := key[min(len("mibi."), len(key)):]; !value.IsZero() && key == "mibi."+name {
			state.Metadata[name] = value
		}
	}
	for _, u := range meta.User {
		state.Metadata[u.Key] = u.Value
	}
	return state
}
