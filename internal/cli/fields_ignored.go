package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// warnIgnored names what was given and is no field of the object that came of
// it, which what calls "an image": servers take and ignore it.
func (g *globals) warnIgnored(what string, object any, given map[string]any) {
	known := map[string]json.RawMessage{}
	if raw, err := json.Marshal(object); err != nil || json.Unmarshal(raw, &known) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := known[name]; !ok {
			g.warn(fmt.Sprintf("%s has no field %q%s; the server may have ignored it",
				what, name, proposal(name, slices.Sorted(maps.Keys(known)), asItIs)))
		}
	}
}

// warnIgnoredOfRun is warnIgnored for a run that was made. The API calls some of
// its fields otherwise where it takes them.
func (g *globals) warnIgnoredOfRun(run *mibitracker.Run, fields fieldFlag) {
	given := map[string]any{}
	for _, f := range fields {
		if f.name != "slides" && f.name != "user_run_date" {
			given[f.name] = f.value
		}
	}
	g.warnIgnored("a run", run, given)
}
