package transfer

import (
	"cmp"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

func newPullResult(p *PullPlan) *PullResult {
	return &PullResult{
		Run: p.From.Label, Dir: p.Dir, Layout: p.Layout, Failures: append([]Failure(nil), p.Failures...),
		plan: p, kept: make([]int32, p.rows.n), keeps: newKeptSets(), server: p.pull.client.BaseURL(),
	}
}

// Files are the files that are here and whole, in the order of the plan and, of
// one FOV, of their paths. What they are stands in the folder's manifest and is
// read there, as a run may have millions: an error is one of reading it, and ends
// the list.
func (r *PullResult) Files() iter.Seq2[PulledFile, error] {
	return func(yield func(PulledFile, error) bool) {
		if r.FileCount == 0 {
			return
		}
		known, err := loadManifest(r.Dir, r.server, r.plan.From)
		if err != nil {
			yield(PulledFile{}, err)
			return
		}
		defer func() { _ = known.close() }()
		for n, kept := range r.kept {
			f := r.plan.fov(n)
			for _, k := range r.keeps.all[kept] {
				rel := k.path(f.image, r.plan.pull.channelFolder(f.image))
				file := PulledFile{FOV: f.FOV, ImageID: f.ImageID, State: k.state, Replaced: k.replaced}
				file.Path = filepath.Join(r.Dir, filepath.FromSlash(rel))
				if entry := known.at(rel); entry != nil {
					file.Channel, file.Size, file.SHA256, file.Verified = entry.Channel, entry.Size, entry.SHA256, entry.By
				} else {
					err = fmt.Errorf("%w: it does not list %s any more", ErrManifest, file.Path)
				}
				if !yield(file, err) || err != nil {
					return
				}
			}
		}
	}
}

// keptFile is a file that is here, but for what the manifest says of it.
type keptFile struct {
	name            string // in the folder of its FOV's channels; empty for a MIBItiff
	state, replaced PullState
}

func (k keptFile) path(image *pullImage, folder string) string {
	if k.name == "" {
		return image.file + tiffExtension
	}
	return folder + "/" + k.name
}

// keptSets holds each set of files once: those of most FOVs are alike. The set 0
// is empty.
type keptSets struct {
	by  map[string]int32
	all [][]keptFile
}

func newKeptSets() keptSets { return keptSets{by: map[string]int32{}, all: [][]keptFile{nil}} }

func (s *keptSets) add(set []keptFile) int32 {
	var key strings.Builder
	for _, k := range set {
		key.WriteString(k.name + "\x00" + string(k.state) + "\x00" + string(k.replaced) + "\x00")
	}
	n, known := s.by[key.String()]
	if !known {
		n = int32(len(s.all))
		s.all = append(s.all, set)
		s.by[key.String()] = n
	}
	return n
}

// keep takes over what is here of an FOV.
func (r *PullResult) keep(f *PullFOV) {
	r.plan.rows.at(f.n).noteState(f.State)
	slices.SortFunc(f.kept, func(a, b PulledFile) int { return cmp.Compare(a.Path, b.Path) })
	var set []keptFile
	for i := range f.kept {
		k := &f.kept[i]
		name := ""
		if k.Channel != "" {
			name = filepath.Base(k.Path)
		}
		set = append(set, keptFile{name, k.State, k.Replaced})
		r.Verified = weaker(r.Verified, k.Verified)
		if k.Replaced == PullEdited {
			r.Edited++
		}
	}
	if len(set) > 0 {
		r.kept[f.n] = r.keeps.add(set)
		r.FileCount += len(set)
	}
	f.kept = nil
}

// finish counts, and puts the failures into the order of the plan.
func (r *PullResult) finish() {
	failed := make(map[int64]bool, len(r.Failures))
	for i := range r.Failures {
		failed[r.Failures[i].ImageID] = true
	}
	for n := range r.plan.rows.n {
		row := r.plan.rows.at(n)
		switch {
		case rowStates[row.state] == PullWhole:
			r.Here++
		case rowStates[row.state] == PullPulled:
			r.FOVs++
		case !failed[r.plan.images.rows.at(int(row.image)).id]:
			r.Untried++
		}
	}
	slices.SortStableFunc(r.Failures, func(a, b Failure) int { return cmp.Compare(a.ImageID, b.ImageID) })
}

// weaker gives the verification that says less.
func weaker(a, b Verification) Verification {
	rank := []Verification{BySHA256, BySizeAndZlib, ByZlib, ByPicture}
	if a == "" || slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}
