package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// Pictures as libtiff writes them, each in another way, join to what they were.
func TestJoinWhatLibtiffWrites(t *testing.T) {
	t.Parallel()
	tiffcp, err := exec.LookPath("tiffcp")
	if err != nil {
		t.Skip("tiffcp of libtiff is not installed")
	}
	ways := []string{"-c none", "-c lzw", "-c lzw:2", "-c packbits", "-c zip:2", "-B", "-B -c lzw:2", "-t -w 16 -l 16", "-t -w 32 -l 16 -c packbits -B", "-r 3 -c lzw", "-r 1", "-8 -c zip"}
	dir := t.TempDir()
	in, source := filepath.Join(dir, "in"), filepath.Join(dir, "source.tif")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	var channels []mibi.Channel
	planes := joinPlanes[uint16](t, len(ways))
	for i, way := range ways {
		channels = append(channels, mibi.Channel{Mass: 100 + i, Target: strconv.Itoa(i) + " " + strings.ReplaceAll(way, ":", "")})
		savePicture(t, source, planes[i])
		path := filepath.Join(in, mibi.FileNames([]string{channels[i].Target})[0]+".tif")
		if out, err := exec.CommandContext(t.Context(), tiffcp, append(strings.Fields(way), source, path)...).CombinedOutput(); err != nil {
			t.Fatalf("tiffcp %s: %v\n%s", way, err, out)
		}
	}
	list, err := json.Marshal(map[string]any{"channels": jsonChannels(channels)})
	if err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, "m.json"), append([]byte(joinKeysJSON+","), list[1:]...))
	ran(t, 0, "tiff", "join", in, "-o", filepath.Join(dir, "out.tiff"), "--metadata", filepath.Join(dir, "m.json"))
	file, err := mibitiff.OpenFile(filepath.Join(dir, "out.tiff"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for i, c := range channels {
		page, err := file.ChannelByMass(c.Mass)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := file.ReadPlane(t.Context(), page.Index); err != nil || !got.Equal(planes[i]) {
			t.Errorf("tiffcp %s: the values differ, %v", ways[i], err)
		}
	}
}

func jsonChannels(channels []mibi.Channel) []map[string]any {
	list := []map[string]any{}
	for _, c := range channels {
		list = append(list, map[string]any{"mass": c.Mass, "target": c.Target})
	}
	return list
}

// joinReferee writes single channels as Python does, plainly and as MIBItiffs,
// and later tells what the field's library reads in what was made of them.
const joinReferee = `
import hashlib, json, os, sys, warnings
warnings.simplefilter('ignore')
import datetime, numpy as np, tifffile
from skimage import io as skio
from mibidata import mibi_image as mi, tiff

def told(path):
    image = tiff.read(path)
    return {'channels': [list(c) for c in image.channels], 'sha256': [hashlib.sha256(np.ascontiguousarray(image.data[:, :, i]).tobytes()).hexdigest() for i in range(len(image.channels))],
            'dtype': str(image.data.dtype), 'run': image.run, 'coordinates': list(image.coordinates), 'size': image.size, 'fov_name': image.fov_name,
            'folder': image.folder, 'date': image.date.isoformat(), 'scans': image.scans, 'dwell': image.dwell, 'mine': getattr(image, 'mine', None)}

if sys.argv[1] == 'write':
    os.makedirs('plain'); os.makedirs('png'); os.makedirs('singles')
    rng = np.random.default_rng(4)
    data = rng.poisson(0.3, (13, 13, 3)).astype(np.uint16)
    data[2, 3, 0] = 65535
    image = mi.MibiImage(data, [(1, 'a/b'), (2, 'Beta'), (3, 'CD45')], run='a run', date=datetime.datetime(2019, 3, 8, 1, 2, 3), coordinates=(-241.5, 14968.25),
        size=400., slide='7', fov_id='Point1', fov_name='\u03b2', folder='Point1/RowNumber0/Depth_Profile0', dwell=4., scans='0,5', aperture='B', instrument='i', tissue='t',
        panel='p', mass_offset=.1, mass_gain=.2, time_resolution=.5, miscalibrated=False, check_reg=False, filename='f', description='d', version='v')
    image.add_attr(mine='user')
    tiff.write('singles', image, multichannel=False)
    tiff.write('whole.tiff', image)
    for i, name in enumerate(['a-b.tiff', 'Beta.TIF', 'cd45.tif']):
        tifffile.imwrite('plain/' + name, data[:, :, i], byteorder='>' if i else '<', rowsperstrip=5, compression='zlib' if i == 2 else None)
        skio.imsave('png/' + os.path.splitext(name)[0] + '.png', data[:, :, i], check_contrast=False)
print(json.dumps(told(sys.argv[2])))
`

// Python's library reads what was joined of its own files, and of plain ones of
// Python's usual writers, as the image that it wrote whole.
func TestJoinWhatPythonWrites(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	if _, err := os.Stat(python); err != nil {
		t.Skip("no /usr/bin/python3 is installed")
	}
	dir := t.TempDir()
	save(t, filepath.Join(dir, "referee.py"), []byte(joinReferee))
	told := func(args ...string) (answer map[string]any) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), python, append([]string{"referee.py"}, args...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PYTHONPATH="+lib, "PYTHONIOENCODING=utf-8")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	want := told("write", "whole.tiff")
	at := func(name string) string { return filepath.Join(dir, name) }
	info, _ := ran(t, 0, "tiff", "info", at("whole.tiff"), "--json")
	save(t, at("m.json"), []byte(info))
	save(t, at("panel.csv"), []byte("Mass,Target\n3,CD45\n2,Beta\n1,a/b\n9,unused\n"))
	for folder, flags := range map[string][]string{
		"singles": nil, "plain": {"--metadata", at("m.json")}, "png": {"--metadata", at("m.json"), "--panel", at("panel.csv")},
	} {
		_, stderr := ran(t, 0, append([]string{"tiff", "join", at(folder), "-o", at(folder + ".tiff")}, flags...)...)
		if diff := cmp.Diff(want, told("read", folder+".tiff")); diff != "" {
			t.Errorf("%s: %s", folder, diff)
		}
		if strings.Contains(stderr, "unused (9)") != (folder == "png") {
			t.Errorf("%s: %q", folder, stderr)
		}
	}
}
