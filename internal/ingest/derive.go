package ingest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/mibitiff"
)

// pagesAtOnce is how many pages of one job are worked on at the same time.
const pagesAtOnce = 2

// derive decodes every page, and writes a file for each SIMS channel. It
// returns the channels in page order.
func (g *Ingest) derive(ctx context.Context, job model.Job, file *mibitiff.File, r *reader) ([]model.Channel, error) {
	pages := file.Pages()
	channels := make([]model.Channel, len(pages))
	var written atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(pagesAtOnce)
	for i, page := range pages {
		if page.Type != mibitiff.SIMS && page.DType == 0 {
			continue // kept in the TIFF, shown nowhere
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			cost := min(g.Memory, int64(page.Width)*int64(page.Height)*pixelCost)
			if err := g.memory.Acquire(ctx, cost); err != nil {
				return err
			}
			defer g.memory.Release(cost)
			_, err := g.safely(func() (_ bool, err error) {
				if page.Type != mibitiff.SIMS {
					// It is read to know that it is whole.
					err := file.Pieces(ctx, page.Index, func(int64, []byte) error { return nil })
					return err == nil, r.judge(ctx, err)
				}
				plane, err := file.ReadPlane(ctx, page.Index)
				if err != nil {
					return false, r.judge(ctx, err)
				}
				if channels[i], err = g.channel(ctx, job, page, plane); err != nil {
					return false, err
				}
				return true, g.Hook(ctx, fmt.Sprintf("ingest.derived.%d", written.Add(1)))
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(channels, func(c model.Channel) bool { return c.Key == "" }), nil
}

// pixelCost is the most that a pixel in work takes, in bytes: its sample, its
// place in what is decoded or drawn of it, and in the encoded file.
const pixelCost = 8 + 8 + 8

// channel writes a plane's file and describes it.
func (g *Ingest) channel(ctx context.Context, job model.Job, page mibitiff.Page, plane mibitiff.Plane) (model.Channel, error) {
	encoded, kind, err := encode(plane)
	if err != nil {
		return model.Channel{}, fmt.Errorf("channel %s: %w", page.Channel, err)
	}
	key := fmt.Sprintf("%s%04d.%s", job.DerivedPrefix(), page.Index, kind.ext)
	info, err := g.Blobs.Put(ctx, key, bytes.NewReader(encoded), blob.PutOptions{Size: int64(len(encoded))})
	if err != nil {
		return model.Channel{}, err
	}
	stats := plane.Stats()
	return model.Channel{
		ImageID: job.ImageID, Kind: model.ChannelSIMS, Name: page.Channel.Label(), Mass: &page.Channel.Mass, Page: page.Index,
		Key: key, FileName: page.Channel.Label() + "." + kind.ext, ContentType: kind.contentType,
		Size: info.Size, SHA256: fmt.Sprintf("%x", info.SHA256),
		Width: plane.Width(), Height: plane.Height(), DType: plane.DType().String(),
		Min: finite(stats.Min), Max: finite(stats.Max), Sum: finite(stats.Sum), NonZero: int64(stats.NonZero),
	}, nil
}

// finite keeps a value that the database and JSON can hold.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}

// fileKind is a kind of file that a channel is served as.
type fileKind struct{ ext, contentType string }

// encode makes the file of a channel: a grayscale PNG if that keeps the data,
// else a TIFF of the plane's type. (Contract: channel_url.)
func encode(plane mibitiff.Plane) ([]byte, fileKind, error) {
	var b bytes.Buffer
	if plane.IntegerRange() == 0 {
		if err := mibitiff.WritePicture(&b, plane, mibitiff.WithLevel(1)); err != nil {
			return nil, fileKind{}, err
		}
		return b.Bytes(), fileKind{"tiff", "image/tiff"}, nil
	}
	if err := plane.EncodePNG(&b); err != nil {
		return nil, fileKind{}, err
	}
	return b.Bytes(), fileKind{"png", "image/png"}, nil
}
