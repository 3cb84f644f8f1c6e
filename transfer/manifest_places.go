package transfer

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// manifestSource is a text that tells of files.
type manifestSource uint8

const (
	inMemory manifestSource = iota // lines as in the journal
	inFiles                        // the manifest's list of files
	inSplits                       // its list of images that were split
	inJournal
)

// manifestPlace is where something stands.
type manifestPlace struct {
	source manifestSource
	at     int64 // in bytes
	size   int64
}

// manifestPiece is a place, and the next one of the same folder.
type manifestPiece struct {
	where int64 // four times where it begins, and its source
	size  uint32
	next  int32 // its number; 0 for none
}

func (p *manifestPiece) place() manifestPlace {
	return manifestPlace{source: manifestSource(p.where & 3), at: p.where >> 2, size: int64(p.size)}
}

// manifestPlaces says where it stands what files a folder has: of each folder the
// pieces of text in their order. A file of the run's own folder counts as a
// folder of one file.
type manifestPlaces struct {
	seed    maphash.Seed
	by      map[uint64]int32 // folders by the hashes of their keys
	folders rows[manifestPlacesOf]
	keys    texts
	pieces  rows[manifestPiece] // the first is none
}

// manifestPlacesOf is where the files of one folder stand.
type manifestPlacesOf struct {
	key         text
	first, last int32 // pieces
	split       int32 // the piece that says that an image was split; 0 for none
}

func newManifestPlaces() manifestPlaces {
	p := manifestPlaces{seed: maphash.MakeSeed(), by: map[uint64]int32{}}
	p.pieces.add(manifestPiece{})
	return p
}

// folderKey and pathKey are what a folder, and the folder of a file, go by. In the
// order of keys files of the run's own folder come first.
func folderKey(folder string) string { return "1" + folder }

func pathKey(path string) string {
	if folder, _ := cutPath(path); folder != "" {
		return folderKey(folder)
	}
	return "0" + path
}

// find gives the number of a folder; -1 for none.
func (p *manifestPlaces) find(key string) int {
	n, _ := p.slot(key)
	return n
}

// slot gives the number of a folder, or -1 and the hash that it is to have.
func (p *manifestPlaces) slot(key string) (int, uint64) {
	for hash := maphash.String(p.seed, key); ; hash++ {
		n, taken := p.by[hash]
		if !taken {
			return -1, hash
		}
		if string(p.keys.bytes(p.folders.at(int(n)).key)) == key {
			return int(n), hash
		}
	}
}

// note notes a place behind the others of a folder, and gives the folder's
// number. What stands one behind the other is one piece.
func (p *manifestPlaces) note(key string, at manifestPlace) int {
	n, hash := p.slot(key)
	if n < 0 {
		n = p.folders.add(manifestPlacesOf{key: p.keys.add(key)})
		p.by[hash] = int32(n)
	}
	of := p.folders.at(n)
	last := p.pieces.at(int(of.last))
	if before := last.place(); of.last > 0 && of.split != of.last && before.source == at.source &&
		before.at+before.size == at.at && before.size+at.size < maxPiece {
		last.size += uint32(at.size)
		return n
	}
	piece := int32(p.pieces.add(manifestPiece{where: at.at<<2 | int64(at.source), size: uint32(at.size)}))
	if of.last > 0 {
		p.pieces.at(int(of.last)).next = piece
	} else {
		of.first = piece
	}
	of.last = piece
	return n
}

// maxPiece bounds what is read at once, in bytes.
const maxPiece = 1 << 20

// sorted gives the folders in the order of their keys.
func (p *manifestPlaces) sorted() []int32 {
	order := make([]int32, p.folders.n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return bytes.Compare(p.keys.bytes(p.folders.at(int(a)).key), p.keys.bytes(p.folders.at(int(b)).key))
	})
	return order
}
