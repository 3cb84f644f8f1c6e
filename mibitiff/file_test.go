package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestIndexOfFortyPagesCostsFewReads(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 40, 512)
	data := writeImage(t, madeMetadata(), channels, planes)
	counter := &countingReader{r: bytes.NewReader(data)}
	f, err := mibitiff.Open(counter, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d reads and %d bytes for the index of 40 pages, of %d bytes", counter.reads.Load(), counter.bytes.Load(), len(data))
	if reads := counter.reads.Load(); reads > 41 {
		t.Errorf("%d reads for 40 pages", reads)
	}
	if read := counter.bytes.Load(); read > 41*16<<10 {
		t.Errorf("%d bytes read for 40 pages", read)
	}
	counter.reads.Store(0)
	counter.bytes.Store(0)
	if _, err := f.ReadPlane(t.Context(), 17); err != nil {
		t.Fatal(err)
	}
	if reads := counter.reads.Load(); reads != 1 {
		t.Errorf("%d reads for one plane", reads)
	}
	if read := counter.bytes.Load(); read > int64(len(data)/20) {
		t.Errorf("%d of %d bytes read for one plane of 40", read, len(data))
	}
	small := &countingReader{r: bytes.NewReader(data)}
	if _, err := mibitiff.Open(small, int64(len(data)), mibitiff.WithReadAhead(2048)); err != nil {
		t.Fatal(err)
	}
	if reads, read := small.reads.Load(), small.bytes.Load(); reads > 80 || read > 41*2048 {
		t.Errorf("with a small read-ahead %d reads of %d bytes", reads, read)
	}
}

func TestChannelLookups(t *testing.T) {
	t.Parallel()
	_, planes := madeImage[uint16](t, 3, 8)
	f := openBytes(t, writeImage(t, madeMetadata(), []mibi.Channel{{Mass: 147, Target: "CD45"}, {Mass: 97}, {Mass: 12, Target: "147"}}, planes))
	for key, want := range map[string]int{"CD45": 147, "CD45 (147)": 147, "97": 97, "97 (97)": 97, " 12 ": 12, "147": 12} {
		if page, err := f.Channel(key); err != nil || page.Channel.Mass != want {
			t.Errorf("%q is %+v, %v", key, page, err)
		}
	}
	if page, err := f.ChannelByMass(147); err != nil || page.Channel.Target != "CD45" {
		t.Errorf("mass 147 is %+v, %v", page, err)
	}
	for _, key := range []string{"", "cd45", "1"} {
		if page, err := f.Channel(key); !errors.Is(err, mibitiff.ErrNoChannel) || !strings.Contains(err.Error(), "CD45 (147)") {
			t.Errorf("%q is %+v, %v", key, page, err)
		}
	}
	if _, err := f.Channel("cd45"); !strings.Contains(err.Error(), `did you mean "CD45 (147)"?`) {
		t.Error(err)
	}
	if page, err := f.ChannelByMass(98); !errors.Is(err, mibitiff.ErrNoChannel) || page != (mibitiff.Page{}) {
		t.Errorf("mass 98 is %+v, %v", page, err)
	}
	if _, err := f.ReadPlane(t.Context(), 3); err == nil {
		t.Error("a page that does not exist was read")
	}
}

func TestPlanesAreReadByManyAtOnce(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[float32](t, 8, 64)
	f := openBytes(t, writeImage(t, madeMetadata(), channels, planes))
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 8 {
				page, err := f.Channel(channels[(worker+i)%8].Label())
				if err != nil {
					t.Error(err)
					return
				}
				plane, err := f.ReadPlane(t.Context(), page.Index)
				if err != nil || !plane.Equal(planes[(worker+i)%8]) {
					t.Errorf("%s differs, %v", page.Name, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestNotAMIBItiff(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 8)
	good := writeImage(t, madeMetadata(), channels, planes)
	for name, data := range map[string][]byte{
		"empty":           nil,
		"text":            []byte("this is not an image, whatever its name says"),
		"other software":  bytes.Replace(good, []byte("IonpathMIBIv1.0"), []byte("tifffile.py 1.0"), 1),
		"no software tag": bytes.Replace(good, []byte{0x31, 0x01, 2, 0, 16}, []byte{0x2f, 0x01, 2, 0, 16}, 1),
	} {
		_, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
		if !errors.Is(err, mibitiff.ErrNotMIBItiff) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"no JSON":         {`{"mibi.run"`, `["mibi.run"`},
		"no image type":   {`"image.type"`, `"image.tipe"`},
		"no mass":         {`"channel.mass": 100`, `"channel.mess": 100`},
		"no SIMS channel": {`"image.type": "SIMS"`, `"image.type": "XIMS"`},
		"mass of a half":  {`"channel.mass": 100`, `"channel.mass": 1.5`},
	} {
		data := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		var format *mibitiff.FormatError
		if _, err := mibitiff.Open(bytes.NewReader(data), int64(len(data))); !errors.As(err, &format) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDuplicateChannelsAreRefused(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 2, 8)
	good := writeImage(t, madeMetadata(), channels, planes)
	for _, change := range [][2]string{{`"channel.mass": 101`, `"channel.mass": 100`}, {`"TargetBa"`, `"TargetAa"`}} {
		data := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		var format *mibitiff.FormatError
		_, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
		if !errors.As(err, &format) || format.Page != 1 || format.Tag != 270 || !errors.Is(err, mibi.ErrDuplicateChannel) {
			t.Errorf("%q: %v", change[1], err)
		}
	}
}

func TestEveryTruncationIsNoticedOnOpening(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 16)
	data := writeImage(t, madeMetadata(), channels, planes)
	for n := range len(data) {
		_, err := mibitiff.Open(bytes.NewReader(data[:n]), int64(n))
		if err == nil {
			t.Fatalf("cut to %d of %d bytes: accepted", n, len(data))
		}
		if n > 8 && !errors.Is(err, mibitiff.ErrTruncated) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
}

// TestBrokenPixelsAreNoticed changes every byte of a strip in turn: the stream
// breaks or its checksum does, unless the pixels come out the same.
func TestBrokenPixelsAreNoticed(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 16)
	data := writeImage(t, madeMetadata(), channels, planes)
	start := bytes.LastIndex(data, []byte{0x78, 0x9c})
	for i := start + 2; i < len(data); i++ {
		broken := bytes.Clone(data)
		broken[i] ^= 0x10
		plane, err := openBytes(t, broken).ReadPlane(t.Context(), 0)
		var format *mibitiff.FormatError
		if err == nil && !plane.Equal(planes[0]) {
			t.Fatalf("byte %d: other pixels and no error", i)
		}
		if err != nil && (!errors.As(err, &format) || format.Tag != 273) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func TestOpenFile(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 8)
	path := filepath.Join(t.TempDir(), "a.tiff")
	if err := os.WriteFile(path, writeImage(t, madeMetadata(), channels, planes), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := mibitiff.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.ReadPlane(t.Context(), 0); err == nil {
		t.Error("a closed file was read")
	}
	if _, err := mibitiff.OpenFile(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("no image"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mibitiff.OpenFile(path); !errors.Is(err, mibitiff.ErrNotMIBItiff) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

func TestReadPlaneStopsWithItsContext(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 8)
	f := openBytes(t, writeImage(t, madeMetadata(), channels, planes))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.ReadPlane(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
