package tiff

import "strconv"

// Tags of TIFF 6.0 that this package or its callers use.
const (
	NewSubfileType            = 254
	ImageWidth                = 256
	ImageLength               = 257
	BitsPerSample             = 258
	Compression               = 259
	PhotometricInterpretation = 262
	FillOrder                 = 266
	ImageDescription          = 270
	StripOffsets              = 273
	SamplesPerPixel           = 277
	RowsPerStrip              = 278
	StripByteCounts           = 279
	XResolution               = 282
	YResolution               = 283
	PlanarConfiguration       = 284
	PageName                  = 285
	XPosition                 = 286
	YPosition                 = 287
	ResolutionUnit            = 296
	Software                  = 305
	DateTime                  = 306
	Predictor                 = 317
	TileWidth                 = 322
	TileLength                = 323
	TileOffsets               = 324
	TileByteCounts            = 325
	SubIFDs                   = 330
	SampleFormat              = 339
	SMinSampleValue           = 340
	SMaxSampleValue           = 341
	YCbCrSubSampling          = 530
)

// TagName returns the name that TIFF 6.0 gives to a tag, or "private".
func TagName(tag uint16) string {
	switch tag {
	case NewSubfileType:
		return "NewSubfileType"
	case ImageWidth:
		return "ImageWidth"
	case ImageLength:
		return "ImageLength"
	case BitsPerSample:
		return "BitsPerSample"
	case Compression:
		return "Compression"
	case PhotometricInterpretation:
		return "PhotometricInterpretation"
	case FillOrder:
		return "FillOrder"
	case ImageDescription:
		return "ImageDescription"
	case StripOffsets:
		return "StripOffsets"
	case SamplesPerPixel:
		return "SamplesPerPixel"
	case RowsPerStrip:
		return "RowsPerStrip"
	case StripByteCounts:
		return "StripByteCounts"
	case XResolution:
		return "XResolution"
	case YResolution:
		return "YResolution"
	case PlanarConfiguration:
		return "PlanarConfiguration"
	case PageName:
		return "PageName"
	case XPosition:
		return "XPosition"
	case YPosition:
		return "YPosition"
	case ResolutionUnit:
		return "ResolutionUnit"
	case Software:
		return "Software"
	case DateTime:
		return "DateTime"
	case Predictor:
		return "Predictor"
	case TileWidth:
		return "TileWidth"
	case TileLength:
		return "TileLength"
	case TileOffsets:
		return "TileOffsets"
	case TileByteCounts:
		return "TileByteCounts"
	case SubIFDs:
		return "SubIFDs"
	case SampleFormat:
		return "SampleFormat"
	case YCbCrSubSampling:
		return "YCbCrSubSampling"
	case SMinSampleValue:
		return "SMinSampleValue"
	case SMaxSampleValue:
		return "SMaxSampleValue"
	}
	return "private"
}

// Type is the type of a tag's values.
type Type uint16

// The types of TIFF 6.0 and BigTIFF.
const (
	Byte      Type = 1
	ASCII     Type = 2
	Short     Type = 3
	Long      Type = 4
	Rational  Type = 5
	SByte     Type = 6
	Undefined Type = 7
	SShort    Type = 8
	SLong     Type = 9
	SRational Type = 10
	Float     Type = 11
	Double    Type = 12
	IFD       Type = 13
	Long8     Type = 16
	SLong8    Type = 17
	IFD8      Type = 18
)

// Size returns the bytes of one value, 0 for an unknown type.
func (t Type) Size() uint64 {
	switch t {
	case Byte, ASCII, SByte, Undefined:
		return 1
	case Short, SShort:
		return 2
	case Long, SLong, Float, IFD:
		return 4
	case Rational, SRational, Double, Long8, SLong8, IFD8:
		return 8
	}
	return 0
}

// String returns the type's name, "type 99" for an unknown one.
func (t Type) String() string {
	switch t {
	case Byte:
		return "BYTE"
	case ASCII:
		return "ASCII"
	case Short:
		return "SHORT"
	case Long:
		return "LONG"
	case Rational:
		return "RATIONAL"
	case SByte:
		return "SBYTE"
	case Undefined:
		return "UNDEFINED"
	case SShort:
		return "SSHORT"
	case SLong:
		return "SLONG"
	case SRational:
		return "SRATIONAL"
	case Float:
		return "FLOAT"
	case Double:
		return "DOUBLE"
	case IFD:
		return "IFD"
	case Long8:
		return "LONG8"
	case SLong8:
		return "SLONG8"
	case IFD8:
		return "IFD8"
	}
	return "type " + strconv.Itoa(int(t))
}
