package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/faulty"
)

// Downloads over a line that breaks more often than a client repeats: many of
// them fail, and what they leave is taken up until the file is there.
func TestFaultsOfDownloads(t *testing.T) {
	t.Parallel()
	tally := newFaultTally()
	rounds := makeFaultRounds(t, tally, []*faultLab{newFaultLab(t)}, 60)
	each(rounds, func(r *faultRound) error {
		plan := faulty.Seeded{Seed: r.seed, Share: 0.8, Kinds: []faulty.Kind{
			faulty.Refused, faulty.Refused, faulty.Refused, faulty.ResetFirst, faulty.ResetBody, faulty.ResetBody,
			faulty.LinkEndsHalfway, faulty.Truncated, faulty.TooLong, faulty.TooShort, faulty.StallBody,
		}}
		signedOnly := faulty.PlanFunc(func(q faulty.Request) faulty.Fault {
			if !q.Signed {
				return faulty.Fault{}
			}
			return plan.Decide(q)
		})
		return r.steps(t.Context(), 1, signedOnly, r.login, r.download)
	})
	tally.report(t)
	failed := tally.calls["Files.Download"].typed
	again := tally.calls["Files.Download, again"]
	resumed := 0
	for _, r := range rounds {
		if r.resumed > 0 {
			resumed++
		}
	}
	t.Logf("%d of %d downloads failed at first; %d went on where an earlier one broke", failed, len(rounds), resumed)
	if failed < len(rounds)/6 || again == nil || again.right < failed/2 || resumed < 3 {
		t.Errorf("%d of %d downloads failed at first, %+v came right later, %d were resumed", failed, len(rounds), again, resumed)
	}
}

// download brings a file to disk, again until it is there. Under its name it is
// whole or not there; what a failure leaves is hidden, and gone in the end.
func (r *faultRound) download(ctx context.Context) error {
	const name, tries = "large.tiff", 10
	dest := filepath.Join(r.folder, name)
	call := "Files.Download"
	for range tries {
		done := r.call(ctx, call, func(ctx context.Context) (failure, wrong error) {
			got, err := r.client.Files.Download(ctx, r.lab.largePath, dest)
			if err == nil && (got.SHA256 != r.lab.large.sha256 || got.Path != dest || got.Size != int64(len(r.lab.large.tiff))) {
				wrong = fmt.Errorf("downloaded %+v", got)
			}
			if err == nil {
				r.resumed = got.Resumed
			}
			return err, wrong
		})
		if err := r.downloaded(dest, done); err != nil {
			r.wrong("%s: %v", call, err)
		}
		if done {
			return nil
		}
		call = "Files.Download, again"
	}
	return nil
}

func (r *faultRound) downloaded(dest string, done bool) error {
	entries, err := os.ReadDir(filepath.Dir(dest))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(dest) && (done || !strings.HasPrefix(e.Name(), ".")) {
			return fmt.Errorf("%q was left", e.Name())
		}
	}
	content, err := os.ReadFile(dest)
	switch {
	case done && err != nil:
		return err
	case done:
		return sameFile(content, r.lab.large.tiff)
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("a download that failed left %d bytes under its name, %w", len(content), err)
	}
	return nil
}
