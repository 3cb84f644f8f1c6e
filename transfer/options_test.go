package transfer

import (
	"errors"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// What makes no sense is refused before a server is asked, by the options alone
// and by what takes them.
func TestOptionsRefuse(t *testing.T) {
	t.Parallel()
	many, broken := mostJobs+1, []string{"[a"}
	for name, o := range map[string]interface{ Validate() error }{
		"a layout of no name":         PullOptions{Layout: "zarr"},
		"channels of whole files":     PullOptions{Layout: MIBItiff, Channels: []string{"CD3"}},
		"a sub-folder of whole files": PullOptions{SubFolder: "TIFs"},
		"a sub-folder elsewhere":      PullOptions{Layout: Channels, SubFolder: "../TIFs"},
		"pull, an FOV of no name":     PullOptions{FOVs: []string{"Point1", ""}},
		"check, a channel of no name": CheckOptions{Channels: []string{""}},
		"pull, jobs":                  PullOptions{Jobs: many},
		"pull, a glob":                PullOptions{Exclude: broken},
		"push, jobs":                  PushOptions{Jobs: many},
		"push, a glob":                PushOptions{Include: broken},
		"watch, jobs":                 WatchOptions{Jobs: many},
		"watch, a glob":               WatchOptions{Include: broken},
		"check, jobs":                 CheckOptions{Jobs: many},
		"check, a glob":               CheckOptions{Exclude: broken},
	} {
		client, err := mibitracker.New("http://127.0.0.1:1", mibitracker.WithToken("t")) // nobody is there
		if err != nil {
			t.Fatal(err)
		}
		took := o.Validate()
		run := testRun()
		switch o := o.(type) {
		case PullOptions:
			_, err = PlanPull(t.Context(), client, run, o)
		case PushOptions:
			_, err = PlanPush(t.Context(), client, run, []string{t.TempDir()}, o)
		case WatchOptions:
			o.Dir = t.TempDir()
			_, err = Watch(t.Context(), client, run, o)
		case CheckOptions:
			o.Dir = t.TempDir()
			_, err = Check(t.Context(), client, run, o)
		}
		for _, err := range []error{took, err} {
			var bad *UsageError
			var glob *PatternError
			if !errors.As(err, &bad) && !errors.As(err, &glob) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, o := range []interface{ Validate() error }{
		PullOptions{}, PullOptions{Channels: []string{"CD3"}, SubFolder: "TIFs", Jobs: mostJobs}, PushOptions{}, WatchOptions{}, CheckOptions{Jobs: -1},
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// Nothing is done with a run that none has.
func TestNoRun(t *testing.T) {
	t.Parallel()
	client, err := mibitracker.New("http://127.0.0.1:1", mibitracker.WithToken("t"))
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []*mibitracker.Run{nil, {Label: "without an id"}} {
		_, pull := PlanPull(t.Context(), client, run, PullOptions{})
		_, push := PlanPush(t.Context(), client, run, []string{"."}, PushOptions{})
		_, watch := Watch(t.Context(), client, run, WatchOptions{Dir: t.TempDir()})
		_, check := Check(t.Context(), client, run, CheckOptions{Dir: t.TempDir()})
		for _, err := range []error{pull, push, watch, check} {
			var bad *UsageError
			if !errors.As(err, &bad) {
				t.Errorf("%v: %v", run, err)
			}
		}
	}
}
