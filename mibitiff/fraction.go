package mibitiff

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// Values of the tag ResolutionUnit.
const (
	unitNone       = 1
	unitCentimetre = 3
)

// maxDenominator limits the fractions of the position tags.
const maxDenominator = 1_000_000

// fraction is a value of a RATIONAL or SRATIONAL.
type fraction struct{ numerator, denominator int64 }

// positionFraction returns a stage position in µm as the closest fraction of a
// centimetre whose denominator does not exceed 10⁶.
func positionFraction(microns float64) (fraction, error) {
	exact := new(big.Rat).SetFloat64(microns / micronsPerCM)
	if exact == nil {
		return fraction{}, errors.New("a position is not a number")
	}
	limited := limitDenominator(exact, maxDenominator)
	n, d := limited.Num(), limited.Denom()
	if !n.IsInt64() || n.Int64() > math.MaxInt32 || n.Int64() < math.MinInt32 {
		return fraction{}, fmt.Errorf("position %g µm is too far away for the format", microns)
	}
	return fraction{n.Int64(), d.Int64()}, nil
}

// limitDenominator returns the fraction closest to exact whose denominator is
// at most limit: the last convergent of its continued fraction, or the last
// semiconvergent if that is closer.
func limitDenominator(exact *big.Rat, limit int64) *big.Rat {
	bound := big.NewInt(limit)
	if exact.Denom().Cmp(bound) <= 0 {
		return exact
	}
	p0, q0, p1, q1 := big.NewInt(0), big.NewInt(1), big.NewInt(1), big.NewInt(0)
	n, d := new(big.Int).Set(exact.Num()), new(big.Int).Set(exact.Denom())
	for {
		// DivMod rounds towards minus infinity for a positive divisor.
		a, rest := new(big.Int).DivMod(n, d, new(big.Int))
		q2 := new(big.Int).Add(q0, new(big.Int).Mul(a, q1))
		if q2.Cmp(bound) > 0 {
			break
		}
		p2 := new(big.Int).Add(p0, new(big.Int).Mul(a, p1))
		p0, q0, p1, q1 = p1, q1, p2, q2
		n, d = d, rest
	}
	k := new(big.Int).Div(new(big.Int).Sub(bound, q0), q1)
	semi := new(big.Rat).SetFrac(
		new(big.Int).Add(p0, new(big.Int).Mul(k, p1)),
		new(big.Int).Add(q0, new(big.Int).Mul(k, q1)))
	convergent := new(big.Rat).SetFrac(p1, q1)
	if distance(convergent, exact).Cmp(distance(semi, exact)) <= 0 {
		return convergent
	}
	return semi
}

func distance(a, b *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(a, b)
	return d.Abs(d)
}

// resolutionFraction returns a resolution in pixels per centimetre as the exact
// fraction that the float stands for, scaled down where a part of it does not
// fit in 32 bits.
func resolutionFraction(perCM float64) (fraction, error) {
	exact := new(big.Rat).SetFloat64(perCM)
	if exact == nil || perCM <= 0 {
		return fraction{}, fmt.Errorf("a resolution of %g pixels per cm", perCM)
	}
	n, _ := new(big.Float).SetInt(exact.Num()).Float64()
	d, _ := new(big.Float).SetInt(exact.Denom()).Float64()
	if largest := max(n, d); largest > math.MaxUint32 {
		scale := math.MaxUint32 / largest
		n, d = math.RoundToEven(n*scale), math.RoundToEven(d*scale)
	}
	if n < 1 || d < 1 || n > math.MaxUint32 || d > math.MaxUint32 {
		return fraction{}, fmt.Errorf("a resolution of %g pixels per cm does not fit the format", perCM)
	}
	return fraction{int64(n), int64(d)}, nil
}
