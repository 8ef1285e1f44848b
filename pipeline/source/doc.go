// Package source reads purchases from files: it says what a source is (Spec),
// finds, opens and hashes its files, frames them into records, and maps the
// records to typed rows that are ready for PostgreSQL's binary COPY.
//
// The law of the package is read = loaded + rejected: whatever the bytes are,
// every record either becomes a row or a Reject that names line, byte offset,
// reason and raw bytes. Nothing is rounded, shifted, trimmed or dropped in
// silence.
//
// A Framer runs in one goroutine, so which records there are never depends on
// how the file is cut into chunks; a Mapper is read-only and may be shared by
// many goroutines, each with a Batch of its own.
package source
