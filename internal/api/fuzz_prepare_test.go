package api_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0: no object
	return n
}

// preparations are what a valid request of a route needs beyond its schema:
// values that belong together, and what only earlier answers know.
func (f *fuzzer) preparations() map[string]func(*request) {
	image := func(q *request) {
		if q.fields == nil {
			return
		}
		// One is the first part of the other.
		delete(q.fields, "number")
		if _, given := q.fields["folder"]; given {
			f.count++
			q.fields["folder"] = "Point" + strconv.Itoa(f.count) + "/RowNumber0/Depth_Profile0"
		}
		if _, given := q.fields["frame"]; given {
			q.fields["frame"] = 6
		}
		if _, given := q.fields["depths"]; given {
			q.fields["depths"] = pick(f.rand, []any{1, 4, "0", "0,5"})
		}
	}
	stored := func(q *request) {
		if len(f.files) > 0 {
			f.use(q, pick(f.rand, f.files))
		}
	}
	// An id in a panel's lists is that of a part which the panel has.
	panel := func(q *request) {
		for _, list := range []string{"batches", "conjugates"} {
			items, _ := q.fields[list].([]any)
			for i, item := range items {
				if o, ok := item.(map[string]any); ok {
					delete(o, "id")
					delete(o, "conjugate_id")
					if o["batch_id"] != nil || list == "batches" {
						o["batch_id"] = i
					}
					if o["target"] == nil && list == "conjugates" {
						o["target"], o["mass"] = "CD3", 159
					}
				}
			}
		}
	}
	// One who has been added is there.
	member := func(q *request) {
		step := f.valid(f.op("add-member"), q.who, 0)
		step.encode()
		f.send(step)
		q.path["id"] = step.path["id"]
		for _, p := range f.people {
			if p.email == step.fields["email"] {
				q.path["account"] = itoa(p.id)
			}
		}
	}
	return map[string]func(*request){
		"change-member": member, "patch-member": member, "remove-member": member,
		"create-panel": panel, "change-panel": panel, "patch-panel": panel,
		"create-image": image, "change-image": image, "patch-image": image,
		"get-stored-file": stored, "head-stored-file": stored,
		"log-in": func(q *request) {
			p := pick(f.rand, f.roots)
			q.fields["email"], q.fields["password"] = p.email, p.password
		},
		"refresh-token":      func(q *request) { q.fields["token"] = strings.TrimPrefix(pick(f.rand, f.roots).auth, "JWT ") },
		"change-my-password": func(q *request) { q.fields["old_password"], q.fields["new_password"] = q.who.password, password },
		"set-password": func(q *request) {
			q.fields["password"] = password
			if n := len(f.links); n > 0 {
				q.fields["token"], f.links = f.links[n-1], f.links[:n-1]
			}
		},
		"create-key": func(q *request) {
			if _, given := q.fields["expires_at"]; given {
				q.fields["expires_at"] = "2099-01-01"
			}
		},
		"add-member": func(q *request) { q.fields["email"] = pick(f.rand, f.people[:5]).email },
		"download": func(q *request) {
			if id := f.anyID("runs"); f.runs[id].file != "" {
				q.query = [][2]string{{"path", f.runs[id].file}}
			}
		},
		"get-channel-url": func(q *request) {
			if len(f.shown) > 0 {
				one := pick(f.rand, f.shown)
				q.path["id"], q.query = asText(one[0]), [][2]string{{"channel", asText(one[1])}}
			}
		},
		"put-stored-file": func(q *request) {
			if len(f.uploads) == 0 {
				return
			}
			u := f.uploads[len(f.uploads)-1]
			f.use(q, u.url)
			q.put = u
			q.body = mibiTIFF(f.t, cmp.Or(f.runs[u.run].label, "none"), folder, "CD3")
		},
		"enqueue-upload": func(q *request) {
			for _, name := range []string{"sign-upload", "put-stored-file"} { // the steps before
				step := f.valid(f.op(name), q.who, 0)
				step.encode()
				f.send(step)
			}
			for i := len(f.uploads) - 1; i >= 0; i-- {
				if u := f.uploads[i]; u.received && slices.Contains(f.people, u.who) {
					q.who = u.who
					q.fields["location"], q.fields["run_id"] = u.location, u.run
					return
				}
			}
		},
	}
}

// use sends a request to a signed URL.
func (f *fuzzer) use(q *request, target string) {
	path, query, _ := strings.Cut(target, "?")
	q.path["file"] = strings.TrimPrefix(path, "/storage/")
	q.raw = query
	q.query = nil
}
