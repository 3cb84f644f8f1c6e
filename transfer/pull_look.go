package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// look says of each FOV how far it is, by the manifest and the folder.
func (p *PullPlan) look(ctx context.Context, known *manifest) error {
	halves, err := lookHalves(p.Dir)
	if err != nil {
		return err
	}
	for n := range p.rows.n {
		f := p.fov(n)
		p.pull.adopts = false
		if err := p.pull.look(ctx, f, known); err != nil {
			return err
		}
		half, ok := halves[f.ImageID]
		if ok && f.ranges && len(p.pull.options.Channels) == 0 && half == f.image.size {
			f.ranges, f.Size = false, f.image.size // all of it has come: see channels
		}
		if ok && f.State == PullWhole && p.pull.unended(f, half) {
			f.State, f.Size = PullPartial, f.image.size
		}
		if ok && f.State != PullWhole && !f.ranges {
			f.Here = half
			if f.State == PullNew {
				f.State = PullPartial
			}
		}
		p.note(f)
		p.rows.at(n).adopts = p.pull.adopts
	}
	return nil
}

// look says how far an FOV is.
func (p *puller) look(ctx context.Context, f *PullFOV, known *manifest) error {
	f.Size, f.Here, f.State, f.Channels, f.ranges = f.image.size, 0, PullNew, nil, false
	if p.options.Layout == MIBItiff {
		return p.lookTIFF(ctx, f, known)
	}
	return p.lookChannels(ctx, f, known)
}

// lookHalves gives how many bytes of which images' TIFFs an earlier pull has
// left in the state's folder.
func lookHalves(dir string) (map[int64]int64, error) {
	entries, err := os.ReadDir(filepath.Join(dir, stateFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	halves := map[int64]int64{}
	for _, e := range entries {
		// N.tiff is whole, .N.tiff.KEY.part grows.
		name, grows := strings.CutPrefix(e.Name(), ".")
		number, rest, _ := strings.Cut(name, tiffExtension)
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || grows != strings.HasSuffix(rest, partExtension) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			halves[id] = max(halves[id], info.Size())
		}
	}
	return halves, nil
}

// lookTIFF looks at an FOV in the layout MIBItiff.
func (p *puller) lookTIFF(ctx context.Context, f *PullFOV, known *manifest) error {
	name := f.image.file + tiffExtension
	state, size, err := p.lookFile(ctx, name, f.image, f.image.sha256, known)
	f.State = state
	if state == PullWhole {
		f.Here = size
	}
	return err
}

// lookChannels looks at an FOV in the layout Channels.
func (p *puller) lookChannels(ctx context.Context, f *PullFOV, known *manifest) error {
	folder := p.channelFolder(f.image)
	f.Channels = p.wantedChannels(f.image, known)
	if len(f.Channels) == 0 {
		return nil // what it has is seen when it is here
	}
	names := fileNames(p.channelSet(f.image, known))
	worst, whole := PullWhole, 0
	for _, channel := range f.Channels {
		file, ok := names[channel]
		if !ok {
			return fmt.Errorf("%s: no name for channel %s", f.FOV, quoteName(channel))
		}
		state, size, err := p.lookFile(ctx, folder+"/"+file, f.image, "", known)
		if err != nil {
			return err
		}
		if state == PullWhole {
			whole++
			f.Here += size
		} else if worst == PullWhole || state != PullNew {
			worst = state
		}
	}
	f.State = worst
	switch {
	case worst == PullWhole:
	case worst == PullNew && whole > 0:
		f.State = PullPartial
	}
	f.ranges = worst != PullWhole && (whole > 0 || len(p.options.Channels) > 0 || len(f.Channels) < len(f.image.sims))
	if f.ranges {
		f.Size = -1 // how much it is the file's index says
	}
	return nil
}

// channelFolder is where an image's channels lie, below the run's folder, with
// slashes.
func (p *puller) channelFolder(image *pullImage) string {
	folder := image.file
	if p.options.SubFolder != "" {
		folder += "/" + p.options.SubFolder
	}
	return folder
}

// wantedChannels are the channels of an image that are to be here: those that
// were named and that it has, or those of its TIFF.
func (p *puller) wantedChannels(image *pullImage, known *manifest) []string {
	all := p.tiffChannels(image, known)
	if len(p.options.Channels) > 0 {
		all = slices.DeleteFunc(slices.Clone(p.options.Channels), func(c string) bool { return !image.has(c) })
		slices.Sort(all)
		all = slices.Compact(all)
	}
	if len(p.options.Include)+len(p.options.Exclude) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(c string) bool { return !p.filter.Match(image.fov + "/" + c) })
}

// tiffChannels are the channels of an image's TIFF. Which these are a TIFF that
// was split says better than the server.
func (p *puller) tiffChannels(image *pullImage, known *manifest) []string {
	folder, err := known.folder(folderKey(p.channelFolder(image)))
	if err != nil || folder.whole == nil || folder.whole.ImageID != image.id || !p.sameVersion(image, folder.whole.Version) {
		return image.sims
	}
	var channels []string
	for _, f := range folder.files {
		if f.ImageID == image.id && f.Channel != "" && f.By != ByPicture {
			channels = append(channels, f.Channel)
		}
	}
	slices.Sort(channels)
	return channels
}

// channelSet are all channels that share an image's folder, wanted or not:
// their names depend on each other. Those that were named are among them, also
// where the TIFF turned out not to have them.
func (p *puller) channelSet(image *pullImage, known *manifest) []string {
	set := slices.Concat(p.tiffChannels(image, known), image.extra)
	return append(set, p.options.Channels...)
}

// sameVersion tells whether the server has that version of an image, as far as
// it says.
func (p *puller) sameVersion(image *pullImage, version string) bool {
	return image.sha256 == "" || image.sha256 == version
}

// fileNames gives the name of the file of each channel.
func fileNames(channels []string) map[string]string {
	names := make(map[string]string, len(channels))
	for i, file := range mibi.FileNames(channels) {
		names[channels[i]] = file + tiffExtension
	}
	return names
}

// lookFile says how far a file is, and how long it is. sha256 is what the server
// says it should have; empty where it says that of the whole TIFF only.
func (p *puller) lookFile(ctx context.Context, rel string, image *pullImage, sha256 string, known *manifest) (PullState, int64, error) {
	path := filepath.Join(p.dir, filepath.FromSlash(rel))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return PullNew, 0, nil
	case err != nil:
		return "", 0, err
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("%s is not a file: move it away, for a file of that name has to lie there", path)
	}
	entry := known.at(rel)
	if entry != nil && entry.ImageID != image.id {
		entry = nil // what was called so before
	}
	if entry == nil && sha256 == "" {
		return PullEdited, info.Size(), nil // nothing tells what it is
	}
	if entry == nil || entry.Size != info.Size() || !entry.ModTime.Equal(info.ModTime()) {
		got, err := p.hash(ctx, path, info)
		if err != nil {
			return "", 0, err
		}
		var adopted manifestFile
		switch {
		case sha256 != "" && got == sha256:
			adopted = manifestFile{Path: rel, FOV: image.fov, ImageID: image.id, Size: info.Size(), SHA256: got, Version: got, By: BySHA256}
		case entry != nil && got == entry.SHA256:
			adopted = *entry
		default:
			return PullEdited, info.Size(), nil
		}
		adopted.ModTime = info.ModTime()
		p.adopts = true
		if p.adopt != nil {
			if err := p.adopt(&adopted); err != nil {
				return "", 0, err
			}
		}
		entry = &adopted
	}
	version := image.sha256
	if version != "" && entry.Version != version && (entry.Version != "" || entry.By != ByPicture) ||
		version == "" && sha256 == "" && entry.Channel == "" && image.size >= 0 && image.size != entry.Size {
		return PullChanged, info.Size(), nil
	}
	return PullWhole, info.Size(), nil
}

// hashes are the SHA-256 of files that were read, by the hashes of their paths.
type hashes struct {
	seed maphash.Seed
	by   map[uint64]hashed
}

// hashed is what a file's content was when it was hashed.
type hashed struct {
	size, modTime int64 // the time in nanoseconds
	sha256        [sha256.Size]byte
}

func newHashes() hashes { return hashes{maphash.MakeSeed(), map[uint64]hashed{}} }

// hash gives the SHA-256 of a file, once for each version of it.
func (p *puller) hash(ctx context.Context, path string, info fs.FileInfo) (string, error) {
	key := maphash.String(p.hashes.seed, path)
	now := hashed{size: info.Size(), modTime: info.ModTime().UnixNano()}
	if known, ok := p.hashes.by[key]; ok && known.size == now.size && known.modTime == now.modTime {
		return hex.EncodeToString(known.sha256[:]), nil
	}
	sum, err := hashFile(ctx, path)
	if err != nil {
		return "", err
	}
	_, err = hex.Decode(now.sha256[:], []byte(sum))
	p.hashes.by[key] = now
	return sum, err
}
