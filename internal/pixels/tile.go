package pixels

// AppendTile appends the samples of a tile of width by height pixels, whose
// first one is in column x of row y, as little-endian bytes in row order to b.
// What of it lies right of or below the plane is zeros.
func (p Plane) AppendTile(b []byte, x, y, width, height int) []byte {
	size := p.dtype.Size()
	start := len(b)
	b = append(b, make([]byte, width*height*size)...)
	tile := b[start:]
	wide := min(width, p.width-x)
	for row := range min(height, p.height-y) {
		p.encode(tile[row*width*size:][:wide*size], (y+row)*p.width+x)
	}
	return b
}
