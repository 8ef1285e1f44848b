package source

// Reasons a record is refused for. They are the values of
// staging.rejects.reason.
const (
	ReasonQuote      = "quote"        // a quote without its end, or text after it
	ReasonTooLong    = "too_long"     // a field or record over its cap
	ReasonFields     = "fields"       // more or fewer fields than the header
	ReasonEncoding   = "encoding"     // bytes that are no text in the file's encoding
	ReasonNUL        = "nul"          // a NUL character
	ReasonRequired   = "required"     // NULL where a value must be
	ReasonType       = "type"         // not a number, not a time
	ReasonScale      = "scale"        // more decimals than the column keeps
	ReasonRange      = "range"        // more digits than the column keeps
	ReasonMin        = "min"          // under the rule's min
	ReasonMax        = "max"          // over the rule's max
	ReasonPattern    = "pattern"      // not what the rule's pattern wants
	ReasonOneOf      = "one_of"       // not in the rule's list
	ReasonNoSuchTime = "no_such_time" // a local time that the zone skipped
	ReasonLookup     = "lookup"       // no usable record in a lookup file
)

// Reject is one refused record. Record counts records from 1, Line physical
// lines from 1 (the header's line is one), ByteOffset bytes of the decompressed
// original. Column is the canonical column, or the file's for an unmapped one,
// or empty. Raw holds the record's original bytes without the line's end; it
// lives in the Batch and is valid until the Batch is reset.
type Reject struct {
	Record     int64
	Line       int64
	ByteOffset int64
	Reason     string
	Column     string
	Detail     string
	Raw        []byte
}
