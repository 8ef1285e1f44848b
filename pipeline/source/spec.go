package source

// Spec describes one source as it stands under `sources:` in penstock.yaml.
// The zero value of a key means its default, which the comments name.
type Spec struct {
	Name         string            `yaml:"name"`
	Kind         string            `yaml:"kind,omitempty"`     // csv (default)
	Entity       string            `yaml:"entity,omitempty"`   // purchases (default)
	Path         string            `yaml:"path,omitempty"`     // file, glob, folder, or - for stdin
	Format       Format            `yaml:"format,omitempty"`   // how the files are written
	Timezone     string            `yaml:"timezone,omitempty"` // IANA name for times without a zone; UTC
	Columns      map[string]Column `yaml:"columns,omitempty"`  // canonical name -> column of the file
	Extra        []string          `yaml:"extra,omitempty"`    // columns known to stay unmapped: not "new" to the contract
	Lookup       []Lookup          `yaml:"lookup,omitempty"`
	Rules        map[string]Rule   `yaml:"rules,omitempty"` // by canonical name
	Contract     Contract          `yaml:"contract,omitempty"`
	MaxRejects   string            `yaml:"max_rejects,omitempty"`   // "1%" or a count; no limit
	IntegerIDs   *bool             `yaml:"integer_ids,omitempty"`   // customer_id 17850.0 is 17850; true
	Duplicates   string            `yaml:"duplicates,omitempty"`    // keep (default) or collapse
	ReturnPrefix string            `yaml:"return_prefix,omitempty"` // of invoice_no
	AdjustPrefix string            `yaml:"adjust_prefix,omitempty"` // of invoice_no
	VoidStatus   []string          `yaml:"void_status,omitempty"`
	ReturnStatus []string          `yaml:"return_status,omitempty"`
	ServiceCodes []string          `yaml:"service_codes,omitempty"` // product codes; * stands for any text
	Currency     string            `yaml:"currency,omitempty"`      // where a row names none; the base currency
	TaxIncluded  bool              `yaml:"tax_included,omitempty"`
	OnChange     string            `yaml:"on_change,omitempty"` // append (default) or replace
	PII          []string          `yaml:"pii,omitempty"`       // canonical columns to mask
	Required     *bool             `yaml:"required,omitempty"`  // a failing source stops the run; true
	Expect       Expect            `yaml:"expect,omitempty"`
	Limits       Limits            `yaml:"limits,omitempty"`
}

// Format says how a file is written.
type Format struct {
	Delimiter string   `yaml:"delimiter,omitempty"` // one ASCII character or "tab"; ","
	Quote     string   `yaml:"quote,omitempty"`     // one ASCII character or "none"; `"`
	Encoding  string   `yaml:"encoding,omitempty"`  // utf-8 (default), utf-16, utf-16le, utf-16be, latin-1, windows-1252; a BOM wins
	Header    *bool    `yaml:"header,omitempty"`    // the first line names the columns; true
	Names     []string `yaml:"names,omitempty"`     // the columns' names where there is no header, or instead of it
	Timestamp string   `yaml:"timestamp,omitempty"` // strftime; "%Y-%m-%d %H:%M:%S"
	Decimal   string   `yaml:"decimal,omitempty"`   // "." (default) or ","
	Thousands string   `yaml:"thousands,omitempty"` // one character; none
	Nulls     []string `yaml:"nulls,omitempty"`     // words that mean NULL; the empty text always does
}

// Column maps one canonical column. In YAML it is the name of the file's
// column, or a mapping with the keys below.
type Column struct {
	Column    string `yaml:"column"`
	Trim      bool   `yaml:"trim,omitempty"`      // cut spaces and tabs from both ends
	Timestamp string `yaml:"timestamp,omitempty"` // strftime, where this column differs from the format's
}

// UnmarshalText makes a plain scalar the name of the file's column.
func (c *Column) UnmarshalText(text []byte) error {
	*c = Column{Column: string(text)}
	return nil
}

// MarshalYAML writes the short form where only the name is set.
func (c Column) MarshalYAML() (any, error) {
	if c == (Column{Column: c.Column}) {
		return c.Column, nil
	}
	type plain Column
	return plain(c), nil
}

// Rule is what a value must satisfy, checked after Default has been put in.
// Min and Max are numbers for numeric columns and times for time columns.
type Rule struct {
	Required bool     `yaml:"required,omitempty"`
	Type     string   `yaml:"type,omitempty"` // text, integer, decimal or timestamp
	Min      string   `yaml:"min,omitempty"`
	Max      string   `yaml:"max,omitempty"`
	Pattern  string   `yaml:"pattern,omitempty"` // RE2; the whole value must match
	OneOf    []string `yaml:"one_of,omitempty"`
	Default  string   `yaml:"default,omitempty"` // what stands in for NULL, written as in the file
}

// Lookup fills canonical columns from a second file by key: order headers
// beside order lines.
type Lookup struct {
	Path    string            `yaml:"path"`
	Format  Format            `yaml:"format,omitempty"`
	Key     map[string]string `yaml:"key"`               // column of the source -> column of the lookup
	Columns map[string]Column `yaml:"columns"`           // canonical name -> column of the lookup
	Missing string            `yaml:"missing,omitempty"` // reject (default) or null
}

// Contract says what happens when a file's columns are not those of the
// mapping.
type Contract struct {
	New     string `yaml:"new,omitempty"`     // warn (default), ignore or stop
	Missing string `yaml:"missing,omitempty"` // stop (default) or warn
	Type    string `yaml:"type,omitempty"`    // reject (default) or stop
}

// Expect says when data of a source should have arrived.
type Expect struct {
	By      string `yaml:"by,omitempty"`    // time of day, 15:04
	Every   string `yaml:"every,omitempty"` // 1d, 12h
	MinRows int64  `yaml:"min_rows,omitempty"`
}

// Limits guards against files that are not what they seem.
type Limits struct {
	Bytes int64 `yaml:"bytes,omitempty"` // decompressed size; 64 GiB
	Ratio int64 `yaml:"ratio,omitempty"` // decompressed to compressed; 100
}

// Problem is one fault of a Spec. Path leads to it through the YAML mapping
// ("columns", "invoice_nr"; list items by index); Nearest is the valid name
// that was probably meant, or empty.
type Problem struct {
	Path    []string
	Message string
	Nearest string
}
