package source

// Position is a place between two records where framing can start again.
type Position struct {
	Chunk  int   // number of the next chunk, from 0
	Byte   int64 // offset in the decompressed original
	Record int64 // number of the next record, from 1
	Line   int64 // number of the next physical line, from 1
}

// Record is one framed record of a Chunk: Data[Start:End] without the line's
// end. Byte and Line are absolute.
type Record struct {
	Byte  int64
	Line  int64
	Start int32
	End   int32
	state recordState
}

type recordState uint8

const (
	recordPlain      recordState = iota // holds no quote character
	recordQuoted                        // may hold quoted fields
	recordUnclosed                      // refused: its quote has no end
	recordAfterQuote                    // refused: text between a closing quote and the delimiter
	recordTooLong                       // refused: over the cap
)

// Chunk is a run of whole records: the unit of commit. Reuse one by handing it
// to Framer.Next again; nothing of it is kept by a Batch.
type Chunk struct {
	N          int   // number of the chunk, from 0
	ByteFrom   int64 // offset of its first byte in the decompressed original
	ByteTo     int64 // offset after its last byte
	RecordFrom int64 // number of its first record, from 1
	LineFrom   int64 // its first physical line, from 1
	LineTo     int64 // its last physical line
	Blank      int64 // empty lines in it, which are no records
	Data       []byte
	Records    []Record

	encoding encoding
}

// Next is the position that follows the chunk: where a resumed load starts.
func (c *Chunk) Next() Position {
	return Position{Chunk: c.N + 1, Byte: c.ByteTo, Record: c.RecordFrom + int64(len(c.Records)), Line: c.LineTo + 1}
}
