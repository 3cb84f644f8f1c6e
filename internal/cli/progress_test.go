package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	const mb = 1_000_000
	for _, test := range []struct {
		name  string
		kind  progressKind
		every time.Duration
		total int64
		want  string
	}{
		{name: "lines", kind: linesKind, every: 5 * time.Second, total: 120 * mb,
			want: "f.tiff: 50 % of 120.0 MB, 10.0 MB/s, 6s left\nf.tiff: 91 % of 120.0 MB, 10.0 MB/s, 1s left\n"},
		{name: "of unknown length", kind: linesKind, every: 5 * time.Second, total: -1,
			want: "f.tiff: 60.0 MB, 10.0 MB/s\nf.tiff: 110.0 MB, 10.0 MB/s\n"},
		{name: "JSON", kind: jsonKind, every: 5 * time.Second, total: 120 * mb,
			want: `{"name":"f.tiff","done":60000000,"total":120000000}` + "\n" + `{"name":"f.tiff","done":110000000,"total":120000000}` + "\n"},
		{name: "a terminal", kind: barKind, every: 10 * time.Second, total: 120 * mb,
			want: "\rf.tiff: 91 % of 120.0 MB, 10.0 MB/s, 1s left\r" + strings.Repeat(" ", 44) + "\r"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := &progress{g: &globals{streams: Streams{Err: &out}}, name: "f.tiff", kind: test.kind, every: test.every}
				// 10 MB were there; 10 MB more come each second.
				for done := int64(10 * mb); done <= 120*mb; done += 5 * mb {
					p.update(done, test.total)
					time.Sleep(500 * time.Millisecond)
				}
				p.end()
				if out.String() != test.want {
					t.Errorf("got  %q\nwant %q", out.String(), test.want)
				}
			})
		})
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_234_567: "1.2 MB", 5_000_000_000_000_000: "5000.0 TB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
