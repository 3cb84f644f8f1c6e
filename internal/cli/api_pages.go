package cli

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// pagesOf walks the objects of any list, in either of its forms. Of "next"
// only the query is used: its host may be one that a proxy hides, and
// credentials do not go there.
func pagesOf(ctx context.Context, client *mibitracker.Client, r mibitracker.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		path, _, _ := strings.Cut(r.Route, "?")
		for seen := map[string]bool{}; ; {
			var page mibitracker.Page[json.RawMessage]
			if err := client.JSON(ctx, r, &page); err != nil {
				yield(nil, err)
				return
			}
			for _, object := range page.Results {
				if !yield(object, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			next, err := url.Parse(page.Next)
			if err != nil || next.RawQuery == "" || seen[next.RawQuery] || len(page.Results) == 0 {
				yield(nil, &mibitracker.UnexpectedAnswerError{Reason: "the list " + path + " does not come to an end: its next page is empty or repeats"})
				return
			}
			seen[next.RawQuery] = true
			r.Route, r.Query = path, next.Query()
		}
	}
}
