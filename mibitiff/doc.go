// Package mibitiff reads, makes, writes and checks MIBItiff: the multi-page TIFF
// in which the images of multiplexed ion beam imaging are kept, a page for each
// channel, with the image's metadata as JSON in each page's description.
//
// # Reading
//
// It is shaped like archive/zip. [OpenFile], or [Open] over any [io.ReaderAt],
// local or remote, reads the index of an image: [File.Pages], [File.Channels],
// [File.Metadata]. [File.Channel] finds a channel's page by target, page name or
// mass, and [File.ReadPlane] then reads that page and leaves the others alone.
// [File.ReadRGB] reads the optical image of the slide, and its label. [File.Image]
// reads some channels, or all, side by side.
//
// Samples keep their type: a uint16 page becomes a [Plane] of uint16, a float32
// page one of float32, value for value. Planes are of any type of integers or
// real numbers of 8 to 64 bits.
//
// # An image in memory
//
// An [Image] has the channels, planes and metadata of an image together. It is
// made by [File.Image] or [NewImage], which checks it, and changed by its
// methods: channels are sliced, appended, removed and renamed, attributes of the
// user's own added, planes resized. [Image.ExportPNGs] makes pictures of it, and
// [WriteImage] a file. SED, optical image and label are not among its planes.
//
// # Writing
//
// [Write] and [WriteImage] write what is at hand, [WriteFrom] planes that are read
// or computed when their turn comes, and a [Writer] page after page.
// [WriteFolder] writes each channel as a file of its own. What they write is the
// Python tools' own structure to the byte, but for the compressed samples, and the
// same image gives the same bytes. All but
// WriteFolder write to an [io.Writer]: whoever needs a file that is there whole or
// not at all writes it under a temporary name and renames it.
//
// [WriteOME] writes OME-TIFF for viewers; with [File.Source] a file of any size
// becomes one, a few pages at a time.
//
// # Checking
//
// [Check] compares a file with the format, and says of each departure where it is
// and what other readers make of it.
//
// # Single pictures
//
// [ReadPicture] reads the picture of one channel, PNG or TIFF, and [WritePicture]
// writes one; [ReadRGBPicture] reads one in colour. [OpenPicture] tells what a
// picture is before memory is spent on it.
//
// # Safety
//
// Files may be hostile: none makes the package panic, hang, or take more memory
// than the samples that are asked for, and the index, need. Limits hold without
// being asked for: a file may have 65,536 pages ([WithMaxPages]) with 64 MiB of
// tags, a page 4 MiB of description and 1 GiB of samples ([WithMaxPageBytes]),
// and File.Image reads 8 GiB at once ([WithMaxImageBytes]). What is beyond them is
// an [*UnsupportedError] that wraps [ErrLimit], what is broken a [*FormatError];
// both name page and tag.
// Errors quote the texts of files, so that no terminal obeys them.
//
// # Concurrency
//
// A [File] may be used by several goroutines at once, an [Image] be read by
// several while none changes it, and a [Writer] is for one. Functions that work on
// several pages use as many processors as GOMAXPROCS says, and have ended all of
// their work when they return, also when their context ends.
package mibitiff
