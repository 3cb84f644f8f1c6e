package pixels

import "fmt"

// Sample is a type that a plane's samples can have.
type Sample interface {
	uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | float32 | float64
}

// DType names the type of a plane's samples.
type DType uint8

// The types of samples. The zero DType is none of them.
const (
	Uint8 DType = iota + 1
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Uint64
	Int64
	Float32
	Float64
)

// dtypes are the names of the types as numpy spells them, and the bytes of a
// sample.
var dtypes = [...]struct {
	name string
	size int
}{
	Uint8: {"uint8", 1}, Int8: {"int8", 1}, Uint16: {"uint16", 2}, Int16: {"int16", 2},
	Uint32: {"uint32", 4}, Int32: {"int32", 4}, Uint64: {"uint64", 8}, Int64: {"int64", 8},
	Float32: {"float32", 4}, Float64: {"float64", 8},
}

func (d DType) known() bool { return d > 0 && int(d) < len(dtypes) }

// String returns the type's name as numpy spells it: "uint8", "uint16",
// "float32".
func (d DType) String() string {
	if !d.known() {
		return fmt.Sprintf("DType(%d)", uint8(d))
	}
	return dtypes[d].name
}

// ParseDType returns the type of a name such as "uint16", 0 for no type.
func ParseDType(name string) DType {
	for d := Uint8; d.known(); d++ {
		if dtypes[d].name == name {
			return d
		}
	}
	return 0
}

// Size returns the bytes of one sample, 0 for no type.
func (d DType) Size() int {
	if !d.known() {
		return 0
	}
	return dtypes[d].size
}

// Float reports whether samples of the type are floating-point numbers.
func (d DType) Float() bool { return d == Float32 || d == Float64 }

// Signed reports whether samples of the type can be negative.
func (d DType) Signed() bool {
	return d.Float() || d == Int8 || d == Int16 || d == Int32 || d == Int64
}

// typeOf returns the DType of a slice of samples.
func typeOf(samples any) DType {
	switch samples.(type) {
	case []uint8:
		return Uint8
	case []int8:
		return Int8
	case []uint16:
		return Uint16
	case []int16:
		return Int16
	case []uint32:
		return Uint32
	case []int32:
		return Int32
	case []uint64:
		return Uint64
	case []int64:
		return Int64
	case []float32:
		return Float32
	case []float64:
		return Float64
	}
	return 0
}
