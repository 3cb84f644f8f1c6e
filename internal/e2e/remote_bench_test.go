package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// oneChannel gets a channel of an image, in some way.
type oneChannel func(ctx context.Context, c *mibitracker.Client, image int64, label string) (mibitiff.Plane, error)

func byRanges(ctx context.Context, c *mibitracker.Client, image int64, label string) (mibitiff.Plane, error) {
	remote, err := c.Images.Open(ctx, image)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	defer func() { _ = remote.Close() }()
	page, err := remote.Channel(label)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	return remote.ReadPlane(ctx, page.Index)
}

func byDownload(ctx context.Context, c *mibitracker.Client, id int64, label string) (mibitiff.Plane, error) {
	image, err := c.Images.Get(ctx, id)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	where, err := image.TIFFPath()
	if err != nil {
		return mibitiff.Plane{}, err
	}
	stream, err := c.Files.Open(ctx, where)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	content, err := io.ReadAll(stream)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	if err := stream.Close(); err != nil {
		return mibitiff.Plane{}, err
	}
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return mibitiff.Plane{}, err
	}
	page, err := file.Channel(label)
	if err != nil {
		return mibitiff.Plane{}, err
	}
	return file.ReadPlane(ctx, page.Index)
}

// BenchmarkRemoteChannel compares ways to one channel of an image of 40, over
// lines of several round trips: the whole file; ranges, where the server hands
// out the index; ranges, where it does not, as other backends. docs/performance.md
// says what came of it.
func BenchmarkRemoteChannel(b *testing.B) {
	f := makeFOV(b, 11, synth.Options{})
	s := newSite(b)
	_, image := f.shared(b.Context(), b, s.client(b, alice))
	const label = "CD45"
	for _, to := range []struct {
		trip time.Duration
		mbit float64
	}{{0, 0}, {20 * time.Millisecond, 0}, {100 * time.Millisecond, 0}, {20 * time.Millisecond, 20}, {100 * time.Millisecond, 20}} {
		for _, way := range []struct {
			name   string
			get    oneChannel
			before func(*http.Request)
		}{
			{"whole", byDownload, nil},
			{"ranges", byRanges, nil},
			{"ranges-without-index", byRanges, func(r *http.Request) { r.Header.Del("Prefer") }},
		} {
			name := fmt.Sprintf("trip=%dms/line=any/%s", to.trip.Milliseconds(), way.name)
			if to.mbit > 0 {
				name = fmt.Sprintf("trip=%dms/line=%gMbit/%s", to.trip.Milliseconds(), to.mbit, way.name)
			}
			b.Run(name, func(b *testing.B) {
				l := newLine(b, s.url, to.trip, to.mbit*1e6/8)
				m := newMeter()
				m.before = way.before
				c, err := mibitracker.New(l.URL, mibitracker.WithPassword(alice, password), m.option())
				if err != nil {
					b.Fatal(err)
				}
				if err := c.Login(b.Context()); err != nil {
					b.Fatal(err)
				}
				requests, moved := m.requests.Load(), l.Moved()
				for b.Loop() {
					plane, err := way.get(b.Context(), c, image.ID, label)
					if err != nil || plane.Len() != 1<<20 {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(m.requests.Load()-requests)/float64(b.N), "requests/op")
				b.ReportMetric(float64(l.Moved()-moved)/float64(b.N), "wire-bytes/op")
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
				c.CloseIdleConnections()
				m.CloseIdleConnections()
			})
		}
	}
}
