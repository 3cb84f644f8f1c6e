package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/openmibi/openmibi/mibitiff"
)

// Take an image apart, one file a channel, without encoding anything again.
func ExampleFile_CopyPages() {
	file, err := mibitiff.OpenFile("testdata/python-uint16.tiff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	var pages []int
	for _, page := range file.Pages() {
		if page.Type == mibitiff.SIMS {
			pages = append(pages, page.Index)
		}
	}
	names := file.Pages()
	err = file.CopyPages(context.Background(), pages, func(i int, page io.WriterTo) error {
		var out bytes.Buffer // a temporary file, that gets its name when all is well
		if _, err := page.WriteTo(&out); err != nil {
			return err
		}
		one, err := mibitiff.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			return err
		}
		fmt.Println(names[i].Name, "->", one.Channels())
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Aµ (2) -> [Aµ (2)]
	// b/x (12) -> [b/x (12)]
	// CD45 (197) -> [CD45 (197)]
	// CD8 (147) -> [CD8 (147)]
	// 𝛼 (3) -> [𝛼 (3)]
	// 23 (23) -> [23 (23)]
}
