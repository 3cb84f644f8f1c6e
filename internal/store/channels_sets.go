package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
)

// channelSets loads sets of channels by their ids: page order, no files.
func (q *Queries) channelSets(ctx context.Context, ids []int64) (table[[]model.Channel], error) {
	return remembered(q, Viewer{}, "channels", ids, func(ids []int64) (table[[]model.Channel], error) { return q.channelSetRows(ctx, ids) })
}

func (q *Queries) channelSetRows(ctx context.Context, ids []int64) (table[[]model.Channel], error) {
	type row struct {
		model.Channel
		set int64
	}
	rows, err := byIDs(ctx, q, "SELECT set_id, page, name, mass FROM channel_members WHERE set_id IN (%s) ORDER BY set_id, page", ids,
		func(r scanner) (d row, err error) {
			d.Kind = model.ChannelSIMS
			return d, r.Scan(&d.set, &d.Page, &d.Name, &d.Mass)
		})
	out := make(table[[]model.Channel], len(ids))
	for _, r := range rows {
		out[r.set] = append(out[r.set], r.Channel)
	}
	return out, wrap(err, "load sets of channels")
}

// member is a channel in the text that a set is known by.
type member struct {
	Page int    `json:"page"`
	Name string `json:"name"`
	Mass *int   `json:"mass"`
}

// putChannelSet returns the set of these channels, made if there is none. Two
// channels of one name are a [ConflictError].
func (t *Tx) putChannelSet(ctx context.Context, channels []model.Channel) (int64, error) {
	members, names := make([]member, len(channels)), make(map[string]bool, len(channels))
	for i, c := range channels {
		if names[c.Name] {
			return 0, &ConflictError{Field: "channel", Value: c.Name}
		}
		members[i], names[c.Name] = member{c.Page, c.Name, c.Mass}, true
	}
	text, err := json.Marshal(members)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	id, err := one(ctx, t.Queries, "SELECT id FROM channel_sets WHERE sha256 = $1", []any{hash}, scanInt64)
	if !errors.Is(err, ErrNotFound) {
		return id, wrap(err, "find set of channels")
	}
	id, err = one(ctx, t.Queries, "INSERT INTO channel_sets (sha256) VALUES ($1) RETURNING id", []any{hash}, scanInt64)
	if err != nil {
		return 0, wrap(err, "add set of channels")
	}
	for _, m := range members {
		if _, err := t.exec(ctx, "INSERT INTO channel_members (set_id, page, name, mass) VALUES ($1, $2, $3, $4)",
			id, m.Page, m.Name, m.Mass); err != nil {
			return 0, wrap(err, "add set of channels")
		}
	}
	return id, nil
}
