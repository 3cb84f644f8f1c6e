package cli

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/mibi"
)

// micronsPerStep is the length of a step of the stage's motors in µm.
const micronsPerStep = 0.1

// readXML takes what the XML of a run says of an FOV.
func (o *tiffJoin) readXML(keys *joinKeys) error {
	text, err := readNamed(o.xml)
	if err != nil {
		return err
	}
	run, err := mibi.ParseRunXML(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", o.xml, err)
	}
	fov, err := o.chooseFOV(run.FOVs)
	if err != nil {
		return err
	}
	number := func(key string, value *float64) {
		if value != nil {
			keys.set(key, mibi.Float(*value))
		}
	}
	keys.set("mibi.run", mibi.Text(stem(o.xml)))
	keys.set("mibi.filename", mibi.Text(stem(o.xml)))
	keys.set("mibi.coordinates", mibi.Pair(fov.XAttrib*micronsPerStep, fov.YAttrib*micronsPerStep))
	keys.set("mibi.fov_id", mibi.Text(fov.Number))
	if fov.PointName != nil {
		keys.set("mibi.fov_name", mibi.Text(*fov.PointName))
	}
	keys.set("mibi.folder", mibi.Text(fov.Folder))
	if fov.Dwell != 0 {
		keys.set("mibi.dwell", mibi.Float(fov.Dwell))
	}
	keys.set("mibi.scans", mibi.Int(int64(fov.Depths)))
	number("mibi.mass_offset", fov.MassOffset)
	number("mibi.mass_gain", fov.MassGain)
	number("mibi.time_resolution", fov.TimeBin)
	if o.panel != "" {
		keys.set("mibi.panel", mibi.Text(stem(o.panel)))
	}
	keys.date = run.RunTime
	return nil
}

// chooseFOV finds the FOV that --fov names: by its point, its folder, or the
// operator's name for it.
func (o *tiffJoin) chooseFOV(fovs []mibi.RunFOV) (mibi.RunFOV, error) {
	if o.fov == "" {
		if len(fovs) == 1 {
			return fovs[0], nil
		}
		return mibi.RunFOV{}, usage(fmt.Errorf("%s has %d FOVs: name one with --fov", o.xml, len(fovs)))
	}
	var names []string
	for _, is := range []func(mibi.RunFOV) string{
		func(f mibi.RunFOV) string { return f.Number },
		func(f mibi.RunFOV) string { return f.Folder },
		func(f mibi.RunFOV) string { return operatorsName(f) },
	} {
		var found []mibi.RunFOV
		for _, f := range fovs {
			if name := is(f); name == o.fov {
				found = append(found, f)
			} else if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			var folders []string
			for _, f := range found {
				folders = append(folders, f.Folder)
			}
			return mibi.RunFOV{}, &notFoundError{fmt.Errorf("%d FOVs of %s are %q: name one by its folder: %s", len(found), o.xml, o.fov, listed(folders))}
		}
	}
	return mibi.RunFOV{}, &notFoundError{fmt.Errorf("%s has no FOV %q%s", o.xml, o.fov, proposal(o.fov, names, asItIs))}
}

func operatorsName(f mibi.RunFOV) string {
	if f.PointName == nil {
		return ""
	}
	return *f.PointName
}
