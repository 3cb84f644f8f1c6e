package mibi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

func TestMetadataAll(t *testing.T) {
	t.Parallel()
	meta := mibi.Metadata{Run: mibi.Text("r"), MassOffset: mibi.Int(0), User: []mibi.UserValue{
		{Key: "mine", Value: mibi.Int(7)}, {Key: "shape", Value: mibi.Int(1)}, {Key: "mibi.size", Value: mibi.Int(2)}, {Key: "last"},
	}}
	var keys []string
	for key, value := range meta.All() {
		keys = append(keys, key)
		if want, _ := meta.Get(key); value != want {
			t.Errorf("%s is %s, want %s", key, value.JSON(), want.JSON())
		}
	}
	if len(keys) != 23 || keys[0] != "mibi.run" || keys[20] != "mibi.version" || !slices.Equal(keys[21:], []string{"mine", "last"}) {
		t.Errorf("%d keys: %q", len(keys), keys)
	}
	for _, stop := range []string{"mibi.run", "mine"} { // the range may be left anywhere
		for key := range meta.All() {
			if key == stop {
				break
			}
		}
	}
}

// The values that an image's metadata gives.
func ExampleMetadata_All() {
	meta := mibi.Metadata{Run: mibi.Text("20191016_run"), Size: mibi.Float(400), User: []mibi.UserValue{{Key: "stain", Value: mibi.Text("A")}}}
	for key, value := range meta.All() {
		if !value.IsZero() {
			fmt.Println(key, value)
		}
	}
	// Output:
	// mibi.run 20191016_run
	// mibi.size 400.0
	// stain A
}
