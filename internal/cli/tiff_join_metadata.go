package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibi"
)

// maxMetadata is how much of a file of metadata is read, in bytes: hundreds of
// times what a run has to say.
const maxMetadata = 64 << 20

// describe finds the metadata of the joined image: of --metadata and --xml, or
// else what the MIBItiffs in the folder say; and over it the fields of -f.
func (o *tiffJoin) describe(folder *joinFolder) error {
	var keys joinKeys
	switch {
	case o.metadata != "" || o.xml != "":
	case folder.differs != nil:
		return folder.differs
	case folder.meta != nil:
		keys.addAll(*folder.meta)
	}
	if o.xml != "" {
		if err := o.readXML(&keys); err != nil {
			return err
		}
	}
	if o.metadata != "" {
		if err := o.readMetadata(&keys); err != nil {
			return err
		}
	}
	for _, f := range o.fields {
		if err := keys.addField(f); err != nil {
			return usage(fmt.Errorf("-f %s: %w", f.name, err))
		}
	}
	meta, err := keys.metadata()
	if err != nil {
		return err
	}
	o.meta = meta.Upgrade()
	if missing := o.meta.Missing(); len(missing) > 0 {
		return fmt.Errorf("the metadata lacks %s: a MIBItiff needs them; give a file of --metadata (mibi tiff info --json writes one), --xml with --fov, or -f %s=VALUE",
			strings.Join(missing, ", "), missing[0])
	}
	return nil
}

// readMetadata reads the file of --metadata.
func (o *tiffJoin) readMetadata(keys *joinKeys) error {
	text, err := readNamed(o.metadata)
	if err != nil {
		return err
	}
	read, err := parseJoinMetadata(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.metadata, err)
	}
	for _, key := range read.ignored {
		o.g.warn(fmt.Sprintf("%s: %q stands beside the metadata and says nothing here", o.metadata, key))
	}
	for _, one := range read.keys.values {
		if !one.Value.IsZero() {
			keys.set(one.Key, one.Value)
		} else {
			keys.keep(one.Key)
		}
	}
	if !read.keys.date.IsZero() {
		keys.date = read.keys.date
	}
	o.masses, o.massesFrom = read.channels, o.metadata
	return nil
}

// readNamed reads a file that a flag names.
func readNamed(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, given(err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxMetadata+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(text) > maxMetadata {
		return nil, fmt.Errorf("%s: more than %d bytes, which no metadata takes", path, maxMetadata)
	}
	return text, nil
}

// joinKeys are the keys of a description, in their order, with the date.
type joinKeys struct {
	values []mibi.UserValue
	places map[string]int
	date   time.Time
}

// keep gives a key its place.
func (k *joinKeys) keep(key string) int {
	at, ok := k.places[key]
	if !ok {
		if k.places == nil {
			k.places = map[string]int{}
		}
		at = len(k.values)
		k.places[key] = at
		k.values = append(k.values, mibi.UserValue{Key: key})
	}
	return at
}

func (k *joinKeys) set(key string, value mibi.Value) { k.values[k.keep(key)].Value = value }

func (k *joinKeys) addAll(meta mibi.Metadata) {
	for key, value := range meta.All() {
		k.set(key, value)
	}
	k.date = meta.Date
}

// addField takes a -f. Names of the format go without mibi., too.
func (k *joinKeys) addField(f field) error {
	if f.name == "date" {
		date, err := parseDate(f.text)
		k.date = date
		return err
	}
	key := f.name
	if specifiedKeys()["mibi."+key] {
		key = "mibi." + key
	}
	value := mibi.Text(f.text)
	switch v := f.value.(type) {
	case nil:
		value = mibi.Value{}
	case bool:
		value = mibi.Bool(v)
	case json.Number:
		var err error
		if value, err = mibi.ParseValue(v.String()); err != nil {
			return err
		}
	}
	if x, y, ok := value.Pair(); ok && key == "mibi.coordinates" {
		value = mibi.Pair(x, y)
	}
	k.set(key, value)
	return nil
}

// metadata is what the keys say.
func (k *joinKeys) metadata() (mibi.Metadata, error) {
	var text bytes.Buffer
	separator := byte('{')
	for _, one := range k.values {
		key, err := json.Marshal(one.Key)
		if err != nil {
			return mibi.Metadata{}, err
		}
		text.WriteByte(separator)
		separator = ','
		text.Write(key)
		text.WriteByte(':')
		text.WriteString(one.Value.JSON())
	}
	if len(k.values) == 0 {
		text.WriteByte('{')
	}
	text.WriteByte('}')
	d, err := mibi.ParseDescription(text.Bytes())
	d.Metadata.Date = k.date
	return d.Metadata, err
}

// specifiedKeys are the format's own, with their prefix.
func specifiedKeys() map[string]bool {
	keys := map[string]bool{}
	for key := range (mibi.Metadata{}).All() {
		keys[key] = true
	}
	return keys
}

// parseDate reads a date as files, people and servers write it: a local time.
func parseDate(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006:01:02 15:04:05", time.RFC3339, "2006-01-02"} {
		if date, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			year, month, day := date.Date()
			return time.Date(year, month, day, date.Hour(), date.Minute(), date.Second(), 0, time.UTC), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date such as 2019-10-16T14:48:12", text)
}
