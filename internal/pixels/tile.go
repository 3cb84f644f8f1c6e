package pixels

// AppendTile appends the samples of a tile of edge by edge pixels, whose first
// one is in column x of row y, as little-endian bytes in row order to b. What
// of it lies right of or below the plane is zeros.
func (p Plane) AppendTile(b []byte, x, y, edge int) []byte {
	size := p.dtype.Size()
	start := len(b)
	b = append(b, make([]byte, edge*edge*size)...)
	tile := b[start:]
	wide := min(edge, p.width-x)
	for row := range min(edge, p.height-y) {
		p.encode(tile[row*edge*size:][:wide*size], (y+row)*p.width+x)
	}
	return b
}
