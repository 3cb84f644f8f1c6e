package transfer

import (
	"cmp"
	"slices"
)

// finish counts, and puts the files into the order of the plan.
func (r *PullResult) finish(p *PullPlan) {
	order := make(map[int64]int, len(p.FOVs))
	failed := make(map[int64]bool, len(r.Failures))
	for i := range r.Failures {
		failed[r.Failures[i].ImageID] = true
	}
	for i := range p.FOVs {
		f := &p.FOVs[i]
		order[f.ImageID] = i
		switch {
		case f.State == PullWhole:
			r.Here++
		case f.State == PullPulled:
			r.FOVs++
		case !failed[f.ImageID]:
			r.Untried++
		}
	}
	slices.SortFunc(r.Files, func(a, b PulledFile) int {
		return cmp.Or(cmp.Compare(order[a.ImageID], order[b.ImageID]), cmp.Compare(a.Path, b.Path))
	})
	slices.SortStableFunc(r.Failures, func(a, b Failure) int { return cmp.Compare(a.ImageID, b.ImageID) })
	for i := range r.Files {
		r.Verified = weaker(r.Verified, r.Files[i].Verified)
	}
}

// weaker gives the verification that says less.
func weaker(a, b Verification) Verification {
	rank := []Verification{BySHA256, BySizeAndZlib, ByZlib, ByPicture}
	if a == "" || slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}
