package api

import "github.com/openmibi/openmibi/internal/auth"

// What the routes that write take, for the OpenAPI document. A test holds each
// body against the fields that its handler reads.

func credentialsBody() body {
	return body{aFilled("email", maxName), aText("password", auth.MaxPasswordLen)}.need("email", "password")
}

func tokenTaken() body { return body{aFilled("token", maxText)}.need("token") }

// runBody is what a new run and a changed one have in common.
func runBody() body {
	return body{
		aFilled("label", maxName), aText("description", maxText), aText("operator", maxName), aNumber("fov_size"), aNumber("magnification"),
		aDate("user_run_date"), aDate("run_date"), anAperture("aperture"), anID("project"), anID("instrument"), someIDs("slides"),
	}
}

func newRunBody() body {
	return runBody().and(aFile("xml", "application/xml")).need("label", "instrument", "xml")
}

func changedRunBody() body {
	return runBody().and(aFilled("name", maxName), aBool("active"))
}

// imageBody is what a new image and a changed one have in common.
func imageBody() body {
	return body{
		aText("description", maxText), aText("point", maxName), aFilled("number", maxName), aFilled("folder", maxFolder),
		aNumber("dwell_time"), aNumber("fov_size"), aNumber("time_bin"), aNumber("mass_gain"), aNumber("mass_offset"),
		aNumber("x_coord"), aNumber("y_coord"), aNumber("lens1_voltage"), someDepths("depths"), anInteger("frame", 1),
		aText("imaging_preset", maxName), anAperture("aperture"), anID("project"), anID("tissue"), anID("section"),
	}
}

func newImageBody() body { return imageBody().and(anID("run")).need("run", "folder") }

func changedImageBody() body {
	return imageBody().and(aBool("active"), aText("sed", maxName), aFile("attachment", "image/bmp", "image/tiff", "image/png"))
}

func uploadBody() body {
	return body{aFilled("location", maxName), anID("run_id")}.need("location", "run_id")
}

func channelBody() body {
	return body{aFile("attachment", "image/png", "image/tiff")}.need("attachment")
}

func imageSetBody() body {
	return body{aFilled("name", maxName), aText("description", maxText), someIDs("images"), anID("project")}
}

func projectBody() body {
	return body{aFilled("name", maxName), aText("description", maxText), aBool("is_public"), aBool("can_share_images")}
}

func slideBody() body {
	return body{
		aFilled("name", maxName), aText("description", maxText), aText("external_id", maxName), aText("source", maxName),
		aText("lot", maxName), aText("slide_type", maxName), aText("location", maxName), anID("project"),
	}
}

func sectionBody() body {
	return body{
		aText("position", maxName), aText("description", maxText), aText("block", maxName), aDate("cut_date"), aDate("stain_date"),
		aDate("receive_date"), anID("tissue"), anID("slide"), anID("panel"), anID("project"),
	}
}

func panelBody() body {
	return body{
		aFilled("name", maxName), aBool("is_draft"), aText("description", maxText), aNumber("dilution"), aDate("manufacture_date"),
		anID("project"), anID("previous_id"), someObjects("batches", batchBody()), someObjects("conjugates", conjugateBody()),
	}
}

// newPanelBody says what the parts of a panel that is not there yet must have.
func newPanelBody() body {
	out := panelBody().and(aFile(fieldCSV, mediaCSV))
	for i, in := range out {
		switch in.name {
		case "batches":
			out[i].items = in.items.need("batch_id")
		case "conjugates":
			out[i].items = in.items.need("target", "mass")
		}
	}
	return out
}

// besideCSV is what a query says of a panel whose CSV is the body.
func besideCSV() body {
	return body{
		aFilled("name", maxName), aBool("is_draft"), aText("description", maxText), aNumber("dilution"), aDate("manufacture_date"),
		anID("project"), anID("previous_id"),
	}
}

func batchBody() body {
	return body{
		anID("id"), anInteger("batch_id", 0), aNumber("volume"), aNumber("antibody_volume"), aNumber("buffer_volume"), aBool("is_draft"),
	}
}

func conjugateBody() body {
	return body{
		aFilled("target", maxName), anInteger("mass", 1), aBool("is_draft"), aText("external_id", maxName), aText("clone", maxName),
		aText("element", maxName), aNumber("concentration"), aNumber("recommended_titer"), aNumber("titer"), aText("titer_units", maxName),
		aNumber("volume"), aText("lot", maxName), aDate("manufacture_date"), aDate("expiration_date"), anInteger("batch_id", 0),
		anID("id"), anID("conjugate_id"),
	}
}

func instrumentBody() body { return body{aFilled("name", maxName), aText("description", maxText)} }

func tissueBody() body {
	return body{aFilled("organ", maxName), aText("description", maxText), aText("subsite", maxName), aText("diagnosis", maxName)}
}

func apertureBody() body { return body{aFilled("code", maxCode), aFilled("name", maxName)} }

func memberBody() body { return body{aFilled("role", maxName).among(roleNames...)} }

// changed is a body with what deletes and restores an object that is there.
func (b body) changed() body { return b.and(aBool("active")) }
