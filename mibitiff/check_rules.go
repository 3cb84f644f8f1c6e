package mibitiff

// rule is one kind of departure. An effect that speaks of "it" means what the
// message names.
type rule struct {
	code     string
	severity Severity
	message  string
	effect   string
}

// none is the effect of what no known reader minds.
const none = "no known reader minds"

// unknownRule stands for a code that the list below does not have.
const unknownRule = "unknown"

// ruleOf returns the rule of a code.
func ruleOf(code string) rule {
	for _, r := range checkRules {
		if r.code == code {
			return r
		}
	}
	return rule{code: code, message: unknownRule}
}

// checkRules are all kinds of departures, in the order of docs/cli/tiff.md.
var checkRules = [...]rule{
	// The file.
	{"not-tiff", SeverityError, "the file is no TIFF", "no reader opens it"},
	{"truncated", SeverityError, "the file ends too early",
		"mibitiff refuses it; mibilib and libtiff fail at the page that is cut off; readers that stop there silently show fewer pages"},
	{"broken-structure", SeverityError, "the file is not valid TIFF", "mibitiff refuses it; libtiff reads what comes before; mibilib fails, or reads a loop of pages without end"},
	{"over-limits", SeverityError, "the file is larger than the limits of reading allow", "mibitiff refuses it, unless the limits are set higher"},
	{"big-endian", SeverityNote, "the byte order is not little-endian", none},
	{"bigtiff", SeverityWarning, "the file is a BigTIFF", "tifffile, libtiff 4 and Bio-Formats read it; programs that know classic TIFF alone refuse it"},
	{"first-directory", SeverityNote, "the first directory does not follow the header", none + "; the index may take more reads over a network"},
	{"directory-order", SeverityNote, "a directory lies before that of the page before it", none + "; the index may take more reads over a network"},
	{"odd-offset", SeverityNote, "a directory or a value begins at an odd byte, which TIFF forbids", none + "; libtiff reads it"},
	{"strip-order", SeverityNote, "the samples lie before their directory", none + "; the index may take more reads over a network"},
	{"strip-alignment", SeverityNote, "the strip does not begin at a multiple of 16 bytes", none},
	{"strip-overlap", SeverityWarning, "the strip shares bytes with another part of the file", "all read it; a program that changes one part in place changes the other"},
	{"unused-bytes", SeverityNote, "the file holds bytes that no page refers to", none + "; the file is larger than it needs to be"},
	{"trailing-data", SeverityNote, "bytes follow the last strip", none},
	{"too-many-parts", SeverityNote, "the file has so many parts that they were not compared for overlaps", "none by itself"},
	{"more-findings", SeverityNote, "there are more findings than are listed", "as of those of the same kind"},

	// The tags of a page.
	{"tags-unsorted", SeverityWarning, "the tags are not in ascending order", "libtiff warns and reads them; tifffile and mibitiff read them; strict readers refuse the page"},
	{"duplicate-tag", SeverityWarning, "the tag is given twice", "mibitiff, tifffile and libtiff take the first; others may take the last"},
	{"missing-tag", SeverityNote, "the tag is missing", none},
	{"extra-tag", SeverityNote, "the format has no such tag on this kind of page", none},
	{"tag-type", SeverityNote, "the tag has another type than the format's", none},
	{"tag-count", SeverityNote, "the tag has another number of values than the format's", none + ": they take the first"},
	{"text-end", SeverityNote, "the text does not end in a NUL", "libtiff warns and adds it"},
	{"text-after-nul", SeverityWarning, "more text follows a NUL", "mibitiff and libtiff read up to the NUL, tifffile and mibilib all of it"},
	{"text-encoding", SeverityWarning, "the text is not UTF-8", "tifffile and mibilib read it as Windows-1252, mibitiff puts U+FFFD in place of what it cannot read"},
	{"software", SeverityError, "the first page does not say that the file is a MIBItiff (IonpathMIBI...)", "mibilib and mibitiff refuse the file"},
	{"software-version", SeverityNote, "the file was written in another version of the format than IonpathMIBIv1.0", none},
	{"software-differs", SeverityNote, "the page names other software than the first page", none + ": they look at the first page"},
	{"date", SeverityError, "the date is not of the form 2019:10:16 14:48:12", "mibilib fails"},
	{"date-differs", SeverityNote, "the date is another than that of the first SIMS page", "readers take that of the first SIMS page they read"},
	{"resolution-unit", SeverityError, "the unit of the resolution is not the centimetre (3)", "mibilib fails; mibitiff takes neither size nor position from the tags"},
	{"resolution-zero", SeverityError, "the resolution is not a positive number", "mibilib fails"},
	{"resolution-unequal", SeverityError, "X and Y resolution are not equal", "mibilib fails"},
	{"resolution-plain", SeverityNote, "the resolution is not 1/1 without a unit (1)", none},
	{"position-unsigned", SeverityNote, "the position is a RATIONAL, which cannot be negative, and not an SRATIONAL", "readers take it as it is; a negative position is lost"},
	{"position-invalid", SeverityError, "the position is not a number", "mibilib fails"},
	{"range-minimum", SeverityNote, "the display range does not begin at 0", "programs that take their display range from it show the channel darker or brighter"},
	{"range-maximum", SeverityWarning, "the display range does not end at the largest value", "programs that take their display range from it show the channel saturated or too dark; the values are read as they are"},
	{"page-name", SeverityWarning, "the page's name is not that of its channel, TARGET (MASS)", "viewers that show page names name another channel than mibilib and mibitiff, which take it from the description"},
	{"subfile-type", SeverityWarning, "the page says that it is a reduced image, a page of several or a mask", "some viewers leave it out; mibilib and mibitiff read it"},
	{"orientation", SeverityWarning, "the page says that it is to be turned or mirrored", "viewers turn it; mibilib, tifffile and mibitiff do not"},

	// The samples.
	{"samples-unsupported", SeverityError, "the samples are of a kind that mibitiff does not read", "mibitiff refuses the page; tifffile, and so mibilib, reads most other compressions only where imagecodecs is installed"},
	{"compression-older", SeverityNote, "the compression is deflate under its older number, not 8", none},
	{"compression", SeverityWarning, "the compression is not deflate (8)", "tifffile, and so mibilib, reads LZW only where imagecodecs is installed; libtiff and mibitiff read it"},
	{"predictor", SeverityWarning, "the samples are stored as differences", "tifffile, and so mibilib, reads predictor 3 only where imagecodecs is installed; libtiff and mibitiff read it"},
	{"strips", SeverityNote, "the page has more than one strip", none + "; a channel may take more reads over a network"},
	{"tiles", SeverityWarning, "the page is cut into tiles", "tifffile, mibilib and mibitiff read it; programs that read by strips or lines refuse it"},
	{"rows-per-strip", SeverityNote, "RowsPerStrip is not the page's height", none},
	{"photometric", SeverityWarning, "the photometric interpretation is not the format's", "viewers show the page inverted or in other colours; mibilib and mibitiff read the values as they are"},
	{"samples-per-pixel", SeverityError, "the number of samples a pixel is not the format's", "mibilib cannot put the page among the others; mibitiff does not read it as a plane"},
	{"sample-type", SeverityWarning, "the samples are neither uint16 nor float32", "mibilib reads them as they are and refuses to write values that neither type holds"},
	{"colour-type", SeverityWarning, "the samples of a picture in colour are not uint8", "viewers show it darker, or not at all"},
	{"page-size", SeverityError, "the page has another size than the first SIMS page", "mibilib cannot put the channels together and fails; mibitiff reads each page"},
	{"page-type", SeverityWarning, "the samples are of another type than those of the first SIMS page", "mibilib turns all channels into one type; mibitiff reads each as it is"},
	{"strip-corrupt", SeverityError, "the strip does not decode", "no reader gets the page's values; mibilib, which decodes all channels to read one, reads none"},
	{"strip-long", SeverityError, "the strip decodes to more bytes than the page has", "mibitiff refuses the page; tifffile, mibilib and libtiff leave the rest and read it"},
	{"strip-padding", SeverityNote, "bytes follow the compressed samples within the strip", none},
	{"nan-values", SeverityWarning, "values are not numbers", "sums and maxima over them are not numbers in numpy; mibilib refuses to write them"},
	{"infinite-values", SeverityWarning, "values are infinite", "sums and maxima over them are infinite"},
	{"not-decoded", SeverityWarning, "the page was not decoded: all pages together decode to more than a file of this size can hold", "none by itself; a reader of all pages may run out of time or memory"},

	// The description.
	{"description-missing", SeverityError, "the page has no description", "mibilib and mibitiff refuse the file"},
	{"description-long", SeverityError, "the description is longer than 4 MiB", "mibitiff refuses the file"},
	{"description-json", SeverityError, "the description is not a JSON object", "mibilib and mibitiff refuse the file"},
	{"description-form", SeverityNote, "the JSON is not written as the format has it (\", \" and \": \", ASCII with \\u escapes)", none},
	{"nan-in-description", SeverityWarning, "the JSON holds a bare NaN or Infinity", "Python and mibitiff read it; JSON readers of other languages refuse the whole description"},
	{"duplicate-key", SeverityWarning, "the description gives a key twice", "Python and mibitiff take the last; others may take the first or refuse it"},
	{"image-type", SeverityError, "the description lacks image.type, or it is no text", "mibilib and mibitiff refuse the file"},
	{"image-type-unknown", SeverityWarning, "image.type is none of SIMS, SED, Optical and Label", "mibilib leaves the page out; mibitiff lists it"},
	{"image-type-spelling", SeverityNote, "image.type is spelled otherwise than in the format", none},
	{"keys-missing", SeverityNote, "the description lacks keys of the format", "readers take them as not given"},
	{"keys-older", SeverityNote, "the description is an older one, without values that readers take from others (fov_name from description, fov_id from folder, coordinates and size from the tags)", none},
	{"required-missing", SeverityWarning, "values are not given that the format requires", "mibilib and mibitiff read the file and refuse to write it again"},
	{"unknown-mibi-key", SeverityWarning, "a key begins with \"mibi.\" and is none of the format's", "mibilib takes it as the user's without \"mibi.\", mibitiff with it"},
	{"reserved-key", SeverityWarning, "a key is one that the format keeps for itself", "mibilib and mibitiff drop it"},
	{"key-unexpected", SeverityNote, "the description of a page that is no channel has more keys than image.type and shape", none},
	{"key-order", SeverityNote, "the keys are not in the format's order", none},
	{"shape", SeverityWarning, "shape is not the page's rows and columns (and samples)", "tifffile.imread arranges the pages by it; mibilib and mibitiff do not look at it"},
	{"lost-text", SeverityNote, "a text holds a character that was lost when it was written (such as µ)", "readers show it as it is"},
	{"channel-mass", SeverityError, "channel.mass is not a whole number", "mibitiff refuses the file"},
	{"channel-mass-form", SeverityWarning, "channel.mass is not written as an integer", "mibilib takes it as it is, a real number or a text, and writes it so into page names; mibitiff takes the integer"},
	{"channel-target", SeverityWarning, "channel.target is not given", "mibilib reads None, and cannot write the file again; mibitiff takes the mass for it"},
	{"channel-target-lacking", SeverityError, "the description lacks channel.target", "mibilib fails; mibitiff takes the mass for it"},
	{"channel-targets", SeverityError, "channel.target is not given on several pages", "mibilib refuses the file for targets that are not unique; mibitiff takes the masses for them"},
	{"folder", SeverityError, "the first part of folder is not fov_id", "mibilib refuses the file; mibitiff reads it and refuses to write it again"},
	{"aperture-older", SeverityNote, "the aperture is given by its width, not by its code", "mibilib warns and takes the code, as mibitiff does"},
	{"aperture", SeverityError, "the aperture is none that mibilib knows", "mibilib refuses the file"},
	{"coordinates", SeverityWarning, "coordinates and the tags of the position differ", "mibilib takes the tags; mibitiff takes them too, unless they are unsigned"},
	{"size", SeverityWarning, "size and the tags of the resolution differ", "mibilib takes the tags, mibitiff the description"},
	{"metadata-differs", SeverityNote, "the description says other things of the image than that of the first SIMS page", "readers take those of the first SIMS page they read"},

	// The pages together.
	{"no-channel", SeverityError, "no page is a SIMS channel", "mibilib and mibitiff refuse the file"},
	{"duplicate-mass", SeverityError, "two channels have one mass", "mibilib and mibitiff refuse the file"},
	{"duplicate-target", SeverityError, "two channels have one target", "mibilib and mibitiff refuse the file"},
	{"page-order", SeverityNote, "the page is out of the format's order (channels by target, then SED, Optical, Label)", "readers list the channels in the file's order"},
	{"second-page", SeverityWarning, "there is more than one page of this kind", "mibilib reads the last of them"},
	{"label-alone", SeverityNote, "an Optical and a Label page do not come together", none},
	{"label-size", SeverityNote, "the label has not the size of its part of the optical image", none},
}
