package steps

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"penstock/pipeline/source"
)

// copyHeader opens a stream of PostgreSQL's binary COPY: signature, flags, length of the extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// copyTrailer closes one: a tuple of -1 fields.
const copyTrailer = "\xff\xff"

// rejectColumns is how many fields a tuple of staging.rejects has in ingest/copy_rejects.sql.
const rejectColumns = 8

// appendReject adds one tuple of staging.rejects to a binary COPY stream.
func appendReject(b []byte, load int64, r *source.Reject) []byte {
	b = binary.BigEndian.AppendUint16(b, rejectColumns)
	b = appendInt8(b, load)
	b = appendInt8(b, r.Record)
	b = appendInt8(b, r.Line)
	b = appendInt8(b, r.ByteOffset)
	b = appendText(b, r.Reason)
	b = appendOptional(b, r.Column)
	b = appendOptional(b, r.Detail)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Raw))) //nolint:gosec // a record is capped at 16 MiB
	return append(b, r.Raw...)
}

func appendInt8(b []byte, v int64) []byte {
	b = binary.BigEndian.AppendUint32(b, 8)
	return binary.BigEndian.AppendUint64(b, uint64(v)) //nolint:gosec // two's complement is the wire format
}

func appendOptional(b []byte, s string) []byte {
	if s == "" {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	return appendText(b, s)
}

// appendText makes sure of what the server insists on: a name or a value quoted in a detail comes from
// the data, and one NUL would refuse the whole chunk.
func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // shorter than a record
	return append(b, s...)
}
