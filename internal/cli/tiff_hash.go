package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

// tiffHash tells a MIBItiff's values apart from another's, however either is
// compressed.
type tiffHash struct{ g *globals }

// hashReport is an element of what `mibi tiff hash --json` prints.
type hashReport struct {
	pageName
	Type   string  `json:"type"`
	SHA256 *string `json:"sha256"` // null where the page cannot be read
}

func newTIFFHash(g *globals) *cobra.Command {
	o := tiffHash{g: g}
	return &cobra.Command{
		Use:   "hash FILE|URL",
		Short: "Hash the values of each page of a MIBItiff",
		Long: "Print the SHA-256 of each page's values, as little-endian bytes in row order: the\n" +
			"same for two files with the same values of the same type, however they were\n" +
			"compressed.",
		Example: "  mibi tiff hash fov1.tiff\n" +
			"  diff <(mibi tiff hash a.tiff) <(mibi tiff hash b.tiff)",
		Args: exactArgs("FILE|URL"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
}

func (o *tiffHash) run(ctx context.Context, where string) error {
	return withTIFF(ctx, o.g, where, func(file *mibitiff.File, name string) error {
		reports := []hashReport{}
		var readable []mibitiff.Page
		var refused []error
		for _, p := range file.Pages() {
			reports = append(reports, hashReport{pageName: nameOfPage(p), Type: string(p.Type)})
			if p.DType == 0 {
				refused = append(refused, unread(name, p))
				continue
			}
			readable = append(readable, p)
		}
		failed := eachPage(readable, func(i int) error {
			sum := sha256.New()
			err := file.Pieces(ctx, readable[i].Index, func(_ int64, piece []byte) error {
				_, err := sum.Write(piece)
				return err
			})
			text := hex.EncodeToString(sum.Sum(nil))
			reports[readable[i].Index].SHA256 = &text
			return err
		})
		if err := errors.Join(failed...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		err := o.g.report(reports, func(t *table) {
			t.whole = true // half a hash is none
			t.head("SHA256", "TYPE", "MASS", "TARGET")
			for _, r := range reports {
				t.row(r.SHA256, r.Type, r.Mass, r.Target)
			}
		})
		return errors.Join(err, partly(errors.Join(refused...)))
	})
}
