package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
