package source

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wideReader turns UTF-16 into UTF-8 without losing a byte: a surrogate that
// stands alone becomes its three-byte form and an odd last byte an escape led
// by 0xff. Neither is valid UTF-8, so that their records are refused, and
// appendWide gives the original back.
type wideReader struct {
	r   io.Reader
	big bool
	in  []byte // read, not yet turned
	out []byte // turned, not yet handed out
	off int    // how much of out is gone
	err error
}

const wideBlock = 64 << 10

func newWideReader(r io.Reader, big bool) *wideReader {
	return &wideReader{r: r, big: big, in: make([]byte, 0, wideBlock), out: make([]byte, 0, wideBlock/2*3+8)}
}

func (w *wideReader) Read(p []byte) (int, error) {
	for w.off == len(w.out) {
		if w.err != nil {
			return 0, w.err
		}
		n, err := w.r.Read(w.in[len(w.in):cap(w.in)])
		w.in, w.err = w.in[:len(w.in)+n], err
		w.turn(err == io.EOF)
	}
	n := copy(p, w.out[w.off:])
	w.off += n
	return n, nil
}

// turn converts what is whole of in; at the end of the file all of it.
func (w *wideReader) turn(last bool) {
	out, in := w.out[:0], w.in
	for len(in) >= 2 {
		u := w.unit(in)
		switch {
		case u < utf8.RuneSelf:
			out = append(out, byte(u))
			in = in[2:]
		case u < 0xd800 || u > 0xdfff:
			out = utf8.AppendRune(out, rune(u))
			in = in[2:]
		case u < 0xdc00 && len(in) < 4 && !last:
			w.keep(out, in)
			return
		default:
			if u < 0xdc00 && len(in) >= 4 {
				if r := utf16.DecodeRune(rune(u), rune(w.unit(in[2:]))); r != utf8.RuneError {
					out = utf8.AppendRune(out, r)
					in = in[4:]
					continue
				}
			}
			out = append(out, 0xe0|byte(u>>12), 0x80|byte(u>>6&0x3f), 0x80|byte(u&0x3f))
			in = in[2:]
		}
	}
	if last && len(in) == 1 {
		out = append(out, 0xff, 0x80|in[0]>>4, 0x80|in[0]&0x0f)
		in = nil
	}
	w.keep(out, in)
}

func (w *wideReader) keep(out, in []byte) {
	w.out, w.off = out, 0
	w.in = append(w.in[:0], in...)
}

func (w *wideReader) unit(b []byte) uint16 {
	if w.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

// wideLength is how many bytes of UTF-16 text came from.
func wideLength(text []byte) int64 {
	var n int64
	for _, c := range text {
		switch {
		case c == 0xff:
			n++ // the odd last byte
		case c >= 0xf0:
			n += 4
		case c < 0x80 || c >= 0xc0:
			n += 2
		}
	}
	return n
}

// appendWide appends the UTF-16 that text came from.
func appendWide(dst, text []byte, big bool) []byte {
	put := func(u uint16) {
		if big {
			dst = binary.BigEndian.AppendUint16(dst, u)
		} else {
			dst = binary.LittleEndian.AppendUint16(dst, u)
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == 0xff && i+2 < len(text):
			dst = append(dst, text[i+1]<<4|text[i+2]&0x0f)
			i += 3
		case c == 0xed && i+2 < len(text) && text[i+1] >= 0xa0:
			put(0xd000 | uint16(text[i+1]&0x3f)<<6 | uint16(text[i+2]&0x3f))
			i += 3
		default:
			r, n := utf8.DecodeRune(text[i:])
			if r1, r2 := utf16.EncodeRune(r); r > 0xffff {
				put(uint16(r1)) //nolint:gosec // surrogates fit
				put(uint16(r2)) //nolint:gosec // surrogates fit
			} else {
				put(uint16(r)) //nolint:gosec // checked above
			}
			i += n
		}
	}
	return dst
}
