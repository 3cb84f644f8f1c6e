package store

// table is a set of rows by id, for joining in memory.
type table[T any] map[int64]T

func tableOf[T any](list []T, id func(T) int64) table[T] {
	m := make(table[T], len(list))
	for _, v := range list {
		m[id(v)] = v
	}
	return m
}

// get returns a copy of the row, or nil where the id is absent.
func (m table[T]) get(id *int64) *T {
	if id == nil {
		return nil
	}
	v, ok := m[*id]
	if !ok {
		return nil
	}
	return &v
}

// find is get for who asked for the row: an absent one is [ErrNotFound].
func (m table[T]) find(id int64) (*T, error) {
	if v := m.get(&id); v != nil {
		return v, nil
	}
	return nil, ErrNotFound
}

// pick returns the rows in the order of ids, leaving out those that went away
// between the two queries.
func pick[T any](m table[T], ids []int64) []T {
	out := make([]T, 0, len(ids))
	for _, id := range ids {
		if v, ok := m[id]; ok {
			out = append(out, v)
		}
	}
	return out
}

// distinct collects the ids that are present, each once.
func distinct[T any](list []T, id func(T) *int64) []int64 {
	seen := make(map[int64]bool)
	var out []int64
	for _, v := range list {
		if p := id(v); p != nil && !seen[*p] {
			seen[*p] = true
			out = append(out, *p)
		}
	}
	return out
}
