package storetest

import (
	"context"
	"testing"

	"github.com/openmibi/openmibi/internal/store"
)

// Run runs the suite. open returns a new, empty database, closed when the
// test ends.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	tests := []struct {
		name string
		test func(context.Context, *testing.T, Lab)
	}{
		{"visibility", testVisibility},
		{"visibility of what moves", testVisibilityMoves},
		{"filters", testFilters},
		{"order and pages", testOrderAndPages},
		{"listed like tables", testListedLikeTables},
		{"conflicts", testConflicts},
		{"soft delete", testSoftDelete},
		{"related objects", testRelated},
		{"job order", testJobOrder},
		{"job lease", testJobLease},
		{"job reclaim", testJobReclaim},
		{"job attempts", testJobAttempts},
		{"jobs taken once", testJobsTakenOnce},
		{"publish", testPublish},
		{"publish overtaken", testPublishOvertaken},
		{"publish undone", testPublishUndone},
		{"read whole", testReadWhole},
		{"uploads", testUploads},
		{"extra channels", testExtraChannels},
		{"answers", testAnswers},
		{"answer undone", testAnswerUndone},
		{"answer once", testAnswerOnce},
		{"accounts", testAccounts},
		{"tokens from", testTokensFrom},
		{"last administrator", testLastAdmin},
		{"keys", testKeys},
		{"links", testLinks},
		{"link once", testLinkOnce},
		{"audit lines", testAuditLines},
		{"audit wholes", testAuditWholes},
		{"audit jobs", testAuditJobs},
		{"audit undone", testAuditUndone},
		{"audit bounds", testAuditBounds},
		{"audit hides", testAuditHides},
		{"audit hides in lists", testAuditHidesInLists},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t.Context(), t, NewLab(t.Context(), t, open(t)))
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
