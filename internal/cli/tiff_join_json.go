package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// joinJSON is what a file of --metadata says.
type joinJSON struct {
	keys     joinKeys
	channels []mibi.Channel // nil where it names none
	ignored  []string       // keys that say nothing
}

// parseJoinMetadata reads either what `mibi tiff info --json` prints, or one
// object with the keys of the format, with or without their prefix.
func parseJoinMetadata(text []byte) (joinJSON, error) {
	top, err := mibi.ParseDescription(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if err != nil {
		return joinJSON{}, err
	}
	var out joinJSON
	nested := slices.IndexFunc(top.Metadata.User, func(u mibi.UserValue) bool {
		return u.Key == "metadata" && strings.HasPrefix(u.Value.JSON(), "{")
	})
	if nested < 0 || specifies(top.Metadata) {
		// The keys of the image stand among the others.
		top.Metadata.User, err = out.take(top.Metadata.User, "channels", "conjugates", "date")
		if err == nil {
			out.keys.addDescribed(top.Metadata)
		}
		return out, err
	}
	inner, err := mibi.ParseDescription([]byte(top.Metadata.User[nested].Value.JSON()))
	if err != nil {
		return out, fmt.Errorf("metadata: %w", err)
	}
	rest, err := out.take(slices.Delete(top.Metadata.User, nested, nested+1), "channels", "conjugates", "pages", "date")
	if err != nil {
		return out, err
	}
	for _, u := range rest {
		out.ignored = append(out.ignored, u.Key)
	}
	out.keys.addDescribed(inner.Metadata)
	return out, nil
}

// specifies tells whether metadata has a key of the format with its prefix.
func specifies(meta mibi.Metadata) bool {
	meta.User = nil
	for _, value := range meta.All() {
		if !value.IsZero() {
			return true
		}
	}
	return false
}

// addDescribed takes the keys of a description. Where none has the format's
// prefix, the format's names need none; else such a name is the user's own.
func (k *joinKeys) addDescribed(meta mibi.Metadata) {
	specified, plain := specifiedKeys(), !specifies(meta)
	for key, value := range meta.All() {
		if specified[key] && !(plain && value.IsZero()) {
			k.set(key, value)
		}
	}
	for _, u := range meta.User {
		if plain && specified["mibi."+u.Key] {
			u.Key = "mibi." + u.Key
		}
		k.set(u.Key, u.Value)
	}
}

// take reads those of the keys that are there and are what they seem, and
// gives back the others. Of several lists of channels the first by name counts.
func (j *joinJSON) take(from []mibi.UserValue, keys ...string) (rest []mibi.UserValue, err error) {
	lists := map[string][]mibi.Channel{}
	for _, u := range from {
		text := u.Value.JSON()
		switch list := strings.HasPrefix(text, "["); {
		case !slices.Contains(keys, u.Key):
			rest = append(rest, u)
		case u.Key == "date":
			if u.Value.IsZero() {
				continue
			}
			if j.keys.date, err = parseDate(u.Value.String()); err != nil {
				return nil, fmt.Errorf("date: %w", err)
			}
		case list:
			if lists[u.Key], err = channelsOf(u.Key, text); err != nil {
				return nil, err
			}
		default:
			rest = append(rest, u)
		}
	}
	for _, key := range keys {
		if channels, ok := lists[key]; ok {
			j.channels = channels
			break
		}
	}
	return rest, nil
}

// channelsOf reads a list of channels: objects with mass and target, or pairs
// of the two. The conjugates of a panel that share a mass are one channel.
func channelsOf(key, text string) ([]mibi.Channel, error) {
	// One by one: a list of millions of zeros is refused at the first.
	dec := json.NewDecoder(strings.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	channels := []mibi.Channel{}
	for i := 0; dec.More(); i++ {
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", key, i, err)
		}
		var one struct {
			Type         *string
			Mass, Target mibi.Value
		}
		var pair []mibi.Value
		switch {
		case json.Unmarshal(element, &pair) == nil && len(pair) == 2:
			one.Mass, one.Target = pair[0], pair[1]
		case json.Unmarshal(element, &one) != nil:
			return nil, fmt.Errorf(`%s[%d] is neither {"mass": ..., "target": ...} nor [mass, target]`, key, i)
		}
		if key == "pages" && one.Type != nil && *one.Type != string(mibitiff.SIMS) {
			continue
		}
		mass, ok := one.Mass.Int()
		if !ok || mass <= 0 || mass > mibi.MaxPanelMass {
			return nil, fmt.Errorf("%s[%d]: the mass %s is not a whole number of Da", key, i, one.Mass.JSON())
		}
		channels = append(channels, mibi.Channel{Mass: int(mass), Target: one.Target.String()})
	}
	if key == "conjugates" {
		var batch mibi.PanelBatch
		for _, c := range channels {
			batch.Rows = append(batch.Rows, mibi.PanelRow{Mass: c.Mass, Target: c.Target})
		}
		channels = (&mibi.Panel{Batches: []mibi.PanelBatch{batch}}).Channels()
	}
	return channels, nil
}
