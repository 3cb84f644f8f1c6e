package mibi

import "iter"

// All goes over what the JSON of a SIMS page says of its image, in the order of
// the format: each specified key with its prefix ("mibi.run"), the zero Value
// where it is not given, then the user's keys as they are, without those that
// cannot be written (see [Metadata.DroppedKeys]). The Date is not among it: a
// file holds it in a tag of its own.
func (m Metadata) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		specified := m.specified()
		for _, s := range specified {
			if !yield(keyPrefix+s.name, *s.value) {
				return
			}
		}
		for _, u := range m.User {
			if !isTaken(u.Key, specified) && !yield(u.Key, u.Value) {
				return
			}
		}
	}
}
