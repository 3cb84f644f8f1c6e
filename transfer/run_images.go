package transfer

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// runImages are all images of a run, in the order of acquisition. What a
// transfer has to know of each is packed: a run may have any number of them, and
// all of it is needed before the first byte moves.
type runImages struct {
	run   *mibitracker.Run
	rows  rows[imageRow]
	texts texts
	lists sharedLists
	odd   []oddImage
	// operators are the operator's names of FOVs that were asked for by those.
	operators map[string]string
}

// imageRow is one image.
type imageRow struct {
	id     int64
	size   int64 // of the TIFF; -1 where the server does not say
	sha256 [32]byte
	folder text
	number text // empty where it is that of the folder
	sims   int32
	extra  int32
	odd    int32 // one more than the number of what few images have; 0 for none
	pngs   int32 // how many of the channels are the server's list of neither kind
	status imageStatus
	level  uint8 // of its name, see nameImages
	hashed bool  // sha256 is known
}

// oddImage is what few images have.
type oddImage struct {
	reason  string // the server's, where it could not process the TIFF
	runPath string // where it is not the run's
	file    string // where the name is not that of the FOV alone
}

// imageStatus are an image's codes.
type imageStatus uint8

const (
	statusAvailable imageStatus = 1 << iota
	statusFailed
	statusWaiting
)

// listImages lists the images of a run, each once, and names them. asked are
// names of FOVs that somebody may have taken from the operator.
func listImages(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, asked []string) (*runImages, error) {
	r := &runImages{run: run, lists: newSharedLists(), operators: map[string]string{}}
	sorted := true
	for image, err := range imagesOf(ctx, c, run) {
		if err != nil {
			return nil, err
		}
		n := r.add(image)
		sorted = sorted && (n == 0 || r.rows.at(n-1).id < image.ID)
		for _, name := range asked {
			if name != "" && strings.EqualFold(image.Point, name) && r.operators[name] == "" {
				r.operators[name] = strings.Clone(numberOf(image))
			}
		}
	}
	if !sorted {
		sort.Stable((*byID)(r))
		r.dropTwice()
	}
	nameImages(r)
	return r, nil
}

// byID sorts images where they are.
type byID runImages

func (r *byID) Len() int           { return r.rows.n }
func (r *byID) Less(i, j int) bool { return r.rows.at(i).id < r.rows.at(j).id }
func (r *byID) Swap(i, j int) {
	a, b := r.rows.at(i), r.rows.at(j)
	*a, *b = *b, *a
}

// dropTwice drops all but the first of the images of one id.
func (r *runImages) dropTwice() {
	kept := 0
	for i := range r.rows.n {
		if kept == 0 || r.rows.at(i).id != r.rows.at(kept-1).id {
			*r.rows.at(kept) = *r.rows.at(i)
			kept++
		}
	}
	r.rows.n = kept
}

// add takes an image over, and gives its number.
func (r *runImages) add(image *mibitracker.Image) int {
	row := imageRow{id: image.ID, size: tiffSize(image), folder: r.texts.add(image.Folder)}
	if n, _ := hex.Decode(row.sha256[:], []byte(tiffSHA256(image))); n == len(row.sha256) {
		row.hashed = true
	}
	if first, _, _ := strings.Cut(image.Folder, "/"); numberOf(image) != first {
		row.number = r.texts.add(numberOf(image))
	}
	row.sims, row.extra = r.lists.add(image.SIMSChannels), r.lists.add(image.ExtraChannels)
	if row.sims == 0 && row.extra == 0 {
		row.pngs = r.lists.add(image.PNGs)
	}
	if image.Available() {
		row.status |= statusAvailable
	}
	if image.Failed() {
		row.status |= statusFailed
	}
	if slices.Contains(image.Status, "U") {
		row.status |= statusWaiting
	}
	odd := oddImage{reason: strings.Clone(image.ProcessingError)}
	if image.Run != nil && image.Run.Path != "" && image.Run.Path != r.run.Path {
		odd.runPath = strings.Clone(image.Run.Path)
	}
	if odd != (oddImage{}) {
		r.odd = append(r.odd, odd)
		row.odd = int32(len(r.odd))
	}
	return r.rows.add(row)
}

// oddOf gives what few images have.
func (r *runImages) oddOf(row *imageRow) oddImage {
	if row.odd == 0 {
		return oddImage{}
	}
	return r.odd[row.odd-1]
}

// number gives an image's number; that of its folder where it has none.
func (r *runImages) number(row *imageRow) string {
	if row.number != (text{}) {
		return r.texts.of(row.number)
	}
	number, _, _ := strings.Cut(r.texts.of(row.folder), "/")
	return number
}

// fov is how an image is called here: by its number; where that is not its own,
// by its folder; and where that is not either, by its folder and id.
func (r *runImages) fov(row *imageRow) string {
	number, folder := r.number(row), r.texts.of(row.folder)
	switch {
	case row.level == 0 && number != "":
		return number
	case row.level <= 1 && folder != "":
		return folder
	}
	return strings.TrimSpace(fmt.Sprintf("%s (image %d)", folder, row.id))
}

// hash gives the SHA-256 of an image's TIFF in hexadecimal, in small letters;
// empty where the server does not say.
func (row *imageRow) hash() string {
	if !row.hashed {
		return ""
	}
	return hex.EncodeToString(row.sha256[:])
}

// sharedLists holds each list of names once: images of a run have mostly the
// same. The list 0 is empty.
type sharedLists struct {
	by  map[string]int32
	all [][]string
}

func newSharedLists() sharedLists { return sharedLists{by: map[string]int32{}, all: [][]string{nil}} }

// add takes a list over, and gives its number.
func (s *sharedLists) add(names []string) int32 {
	if len(names) == 0 {
		return 0
	}
	key := strings.Join(names, "\x00")
	if known, ok := s.by[key]; ok {
		return known
	}
	own := make([]string, len(names))
	for i, name := range names {
		own[i] = strings.Clone(name)
	}
	s.all = append(s.all, own)
	s.by[key] = int32(len(s.all) - 1)
	return s.by[key]
}

// of gives a list, which is not to be changed.
func (s *sharedLists) of(n int32) []string { return s.all[n] }
