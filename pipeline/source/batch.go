package source

import "time"

// CopyHeader starts a stream in PostgreSQL's binary COPY format; tuples and
// CopyTrailer follow.
const CopyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// CopyTrailer ends a binary COPY stream.
const CopyTrailer = "\xff\xff"

// Batch takes what a Mapper makes of a Chunk. It belongs to one goroutine at a
// time and is meant to be used again; its zero value is ready.
type Batch struct {
	Copy     []byte   // COPY tuples of staging.purchases, without header and trailer
	Rejects  []Reject // in record order
	Read     int64    // records seen: Loaded + Rejected
	Loaded   int64
	Rejected int64

	arena   []byte // raw bytes of the rejects
	scratch scratch
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Copy = b.Copy[:0]
	clear(b.Rejects)
	b.Rejects = b.Rejects[:0]
	b.arena = b.arena[:0]
	b.Read, b.Loaded, b.Rejected = 0, 0, 0
}

// scratch is what a goroutine needs while it maps a record.
type scratch struct {
	owner    *Mapper
	encoding encoding
	split    splitter
	key      []byte
	day      dayCache
	times    []timeCache
	found    [][]byte // by lookup: the COPY fields of its record; nil = none
}

// timeCache remembers the last time text of a column: lines of an invoice
// share it.
type timeCache struct {
	text   [40]byte
	length int
	micros int64
}

// MapperOptions says for which load rows are made and where its limits are.
type MapperOptions struct {
	Load     int64 // staging.loads.id, written into every row
	Lookups  *Lookups
	MaxField int // bytes of one field; 0 = 1 MiB
	// Sparse leaves columns out of the rows that are the same in all of them and
	// that the table fills in by itself. Mapper.CopyColumns says which are left.
	Sparse bool
	// OneLoad leaves source and load out too: the table is of one load and fills them in.
	OneLoad bool
}

// FramerOptions sizes a Framer.
type FramerOptions struct {
	ChunkBytes int      // a chunk ends with the record that reaches it; 0 = 4 MiB
	MaxRecord  int      // bytes of one record; 0 = 16 MiB
	Start      Position // where to go on; the zero value is the file's start
	End        int64    // a record's end to stop at, as Chunk.ByteTo says it; 0 = the file's end
}

// File is one file of a source. Path "-" is stdin.
type File struct {
	Path    string
	Name    string // its last part, as shown
	Size    int64  // bytes as it lies on disk; -1 for stdin
	ModTime time.Time
}

// Hashes identify a file: as it lies on disk, and decompressed.
type Hashes struct {
	File    [32]byte
	Content [32]byte
	Bytes   int64 // decompressed
}

// Finding is what the contract found in a header: a column that is new or one
// that is missing.
type Finding struct {
	Kind   string // new or missing
	Column string // the file's column; for a missing one the mapping's
	Field  string // canonical column of a missing one
	Stop   bool   // the contract says stop
}
