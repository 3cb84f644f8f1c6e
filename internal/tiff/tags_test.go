package tiff_test

import (
	"encoding/binary"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

func TestTypedAccessInBothByteOrders(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		b := newBuilder(order.(binary.ByteOrder), false)
		minus := uint32(1<<32 - 241)
		b.page(with(grayscale(4, 4, b.blob(make([]byte, 16)), 16),
			entry{id: tiff.PageName, typ: tiff.ASCII, count: 9, data: []byte("CD45\x00rest")},
			entry{id: tiff.XPosition, typ: tiff.SRational, count: 1, data: order.AppendUint32(order.AppendUint32(nil, minus), 10000)},
			entry{id: tiff.YPosition, typ: tiff.Rational, count: 1, data: order.AppendUint32(order.AppendUint32(nil, 7), 0)},
			entry{id: tiff.SMaxSampleValue, typ: tiff.Double, count: 1, data: order.AppendUint64(nil, 0x4064a00000000000)},
			entry{id: 50000, typ: tiff.SShort, count: 3, data: order.AppendUint16(order.AppendUint16(order.AppendUint16(nil, 0xffff), 2), 3)},
		)...)
		f, err := open(b.buf, tiff.Options{Keep: []uint16{tiff.PageName, tiff.XPosition, tiff.YPosition, tiff.SMaxSampleValue}})
		if err != nil {
			t.Fatal(err)
		}
		page := &f.Pages[0]
		if text, ok := page.Text(tiff.PageName); !ok || text != "CD45" {
			t.Errorf("%v: PageName %q, %v", order, text, ok)
		}
		x, _ := page.Tag(tiff.XPosition)
		if v, ok := x.Float(0); !ok || v != -0.0241 {
			t.Errorf("%v: XPosition %v, %v", order, v, ok)
		}
		y, _ := page.Tag(tiff.YPosition)
		if v, ok := y.Float(0); ok {
			t.Errorf("%v: a zero denominator gives %v", order, v)
		}
		if top, _ := page.Tag(tiff.SMaxSampleValue); top.Kept() {
			if v, ok := top.Float(0); !ok || v != 165 {
				t.Errorf("%v: SMaxSampleValue %v, %v", order, v, ok)
			}
		}
		private, err := f.Load(0, 50000, 100)
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := private.Float(0); !ok || v != -1 {
			t.Errorf("%v: private tag %v, %v", order, v, ok)
		}
		if _, ok := private.Float(3); ok {
			t.Errorf("%v: a fourth value of three", order)
		}
		if _, err := f.Load(0, 50000, 5); err == nil {
			t.Errorf("%v: six bytes loaded with a limit of five", order)
		}
	}
}
