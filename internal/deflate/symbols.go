package deflate

const (
	minMatch  = 3
	maxMatch  = 258
	window    = 1 << 15
	maxStored = 65535
	endBlock  = 256
	maxLit    = 288 // with two that are never used, but have fixed codes
	maxDist   = 30
)

// The alphabets of RFC 1951, section 3.2.5. Bases are of a length less 3, of a
// distance less 1.
var (
	lengthExtra  = [29]uint8{8: 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distExtra    = [maxDist]uint8{4: 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	lengthBase   = lengthBases()
	lengthSymbol = lengthSymbols()
	distBase     = distBases()
	distSymbol   = distSymbols()
)

func lengthBases() (base [29]uint32) {
	for s := range 27 {
		base[s+1] = base[s] + 1<<lengthExtra[s]
	}
	base[28] = maxMatch - minMatch // in the range of the one before, but shorter
	return base
}

func distBases() (base [maxDist]uint32) {
	for s := range maxDist - 1 {
		base[s+1] = base[s] + 1<<distExtra[s]
	}
	return base
}

func lengthSymbols() (of [256]uint8) {
	for s, base := range lengthBase {
		for i := base; i < min(256, base+1<<lengthExtra[s]); i++ {
			of[i] = uint8(s)
		}
	}
	return of
}

// distSymbols has the distances to 256 first, then each 128th.
func distSymbols() (of [512]uint8) {
	for s, base := range distBase {
		for d := base; d < base+1<<distExtra[s]; d++ {
			if d < 256 {
				of[d] = uint8(s)
			}
			of[256+d>>7] = uint8(s)
		}
	}
	return of
}

func distSymbolOf(dist uint32) uint8 {
	if dist--; dist < 256 {
		return distSymbol[dist&255]
	}
	return distSymbol[(256+dist>>7)&511]
}
