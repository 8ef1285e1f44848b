package source

import (
	"bytes"
	"unicode/utf8"
)

// encoding is how a file's text is written. Framing works on bytes that keep
// ASCII as it is: all but UTF-16, which is turned into UTF-8 first.
type encoding uint8

const (
	utf8Text encoding = iota
	latin1Text
	windows1252Text
	utf16LEText
	utf16BEText
)

func (e encoding) wide() bool { return e == utf16LEText || e == utf16BEText }

func (e encoding) String() string {
	return [...]string{"utf-8", "latin-1", "windows-1252", "utf-16le", "utf-16be"}[e]
}

// parseEncoding knows the usual spellings. "utf-16" without a byte order mark
// is little endian, as Windows writes it.
func parseEncoding(name string) (encoding, bool) {
	switch lower(name) {
	case "", "utf-8", "utf8":
		return utf8Text, true
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1":
		return latin1Text, true
	case "windows-1252", "cp1252":
		return windows1252Text, true
	case "utf-16", "utf16", "utf-16le", "utf16le":
		return utf16LEText, true
	case "utf-16be", "utf16be":
		return utf16BEText, true
	}
	return 0, false
}

// byteOrderMark finds the mark that head starts with: a mark in the file says
// more about the file than the configuration does.
func byteOrderMark(head []byte) (e encoding, length int, found bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Text, 3, true
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16LEText, 2, true
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16BEText, 2, true
	}
	return 0, 0, false
}

// windows1252 holds what the bytes 0x80 to 0x9f mean there; 0 = nothing.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// appendText appends field in UTF-8. It is false where a byte means nothing in
// the encoding.
func (e encoding) appendText(dst, field []byte) ([]byte, bool) {
	for _, c := range field {
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		case e == windows1252Text && c < 0xa0:
			r := windows1252[c-0x80]
			if r == 0 {
				return dst, false
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, 0xc0|c>>6, 0x80|c&0x3f)
		}
	}
	return dst, true
}

// appendOriginal appends the bytes of the file that text was read from.
func (e encoding) appendOriginal(dst, text []byte) []byte {
	if !e.wide() {
		return append(dst, text...)
	}
	return appendWide(dst, text, e == utf16BEText)
}

func lower(s string) string {
	return string(bytes.ToLower([]byte(s)))
}
