// Package config reads penstock.yaml, the environment and --set into one typed value, and says of every
// mistake in them where it is and what was probably meant.
package config

import (
	"slices"

	"penstock/pipeline/source"
)

// Config is everything that can be configured, with every default filled in. Load makes it.
type Config struct {
	Production     bool      `yaml:"production"`      // asks for the environment's name before any write
	DataDir        string    `yaml:"data_dir"`        // what the program keeps for itself: managed server, sample, default lake
	BaseCurrency   string    `yaml:"base_currency"`   // ISO 4217; every mart is in it
	ReportTimezone string    `yaml:"report_timezone"` // IANA name; days, hours and months of the marts
	Staging        Database  `yaml:"staging"`
	Analytics      Database  `yaml:"analytics"`
	Sources        []Source  `yaml:"sources"`
	Engines        Engines   `yaml:"engines"`
	Rates          Rates     `yaml:"rates"`
	Marts          Marts     `yaml:"marts"`
	Inventory      Inventory `yaml:"inventory"`
	Checks         Checks    `yaml:"checks"`
	Lake           Lake      `yaml:"lake"`
	Retention      Retention `yaml:"retention"`
	Athena         Athena    `yaml:"athena"`
	Nifi           Nifi      `yaml:"nifi"`
	Spark          Spark     `yaml:"spark"`
	Cloud          Cloud     `yaml:"cloud"`
	UI             UI        `yaml:"ui"`

	profile  string
	profiles []string
	sample   bool
	files    []string
	settings []Setting
	warnings []Problem
}

// Database is one of the two databases and who connects to it as what.
type Database struct {
	URL          DSN    `yaml:"url"`            // as penstock_etl; "local" is the managed server
	OwnerURL     DSN    `yaml:"owner_url"`      // as the owner, for migrations; url when empty
	ReadURL      DSN    `yaml:"read_url"`       // with SELECT only, for what people ask; url when empty
	PasswordFile string `yaml:"password_file"`  // holds the password of url
	AllowWeakTLS bool   `yaml:"allow_weak_tls"` // accept less than sslmode=verify-full off this machine
	MaxConns     int    `yaml:"max_conns"`      // connections that one run may hold
}

// Source is one source: a Spec of files, or an API.
type Source struct {
	source.Spec `yaml:",inline"`
	URL         string   `yaml:"url,omitempty"`     // of an API
	Auth        APIAuth  `yaml:"auth,omitempty"`    // of an API
	Page        APIPage  `yaml:"page,omitempty"`    // how an API divides its answer
	Records     string   `yaml:"records,omitempty"` // path to the records in an API's answer
	Since       APISince `yaml:"since,omitempty"`   // how to ask an API for what is new
}

// IsAPI tells whether the source is asked over HTTP instead of read from files.
func (s *Source) IsAPI() bool { return s.Kind == "api" }

// APIAuth is how a source proves who it is.
type APIAuth struct {
	BearerFile string `yaml:"bearer_file,omitempty"` // holds a token
	User       string `yaml:"user,omitempty"`
	Password   string `yaml:"password_file,omitempty"` // holds the user's password
	Header     string `yaml:"header,omitempty"`        // name of the header that carries header_file's text
	HeaderFile string `yaml:"header_file,omitempty"`
}

// APIPage is how the pages of an API follow each other.
type APIPage struct {
	Kind  string `yaml:"kind,omitempty"`  // cursor, number, offset or link
	Param string `yaml:"param,omitempty"` // the parameter that asks for a page
	Next  string `yaml:"next,omitempty"`  // path to the next cursor in the answer
	Size  int    `yaml:"size,omitempty"`  // records a page
}

// APISince is how an API is asked for what changed.
type APISince struct {
	Param   string   `yaml:"param,omitempty"`
	Column  string   `yaml:"column,omitempty"`  // canonical column the greatest value is taken of
	Overlap Duration `yaml:"overlap,omitempty"` // how far to reach back behind it
}

// Engines says who executes a step.
type Engines struct {
	Ingest    string `yaml:"ingest"`    // go or nifi
	Transform string `yaml:"transform"` // sql or python
	Aggregate string `yaml:"aggregate"` // sql or spark
}

// Rates says how currencies are converted.
type Rates struct {
	MaxAgeDays int `yaml:"max_age_days"` // how old the last rate before a day may be
}

// Marts bounds what would grow without bound.
type Marts struct {
	Pairs Pairs `yaml:"pairs"`
}

// Pairs says which baskets and pairs product_pairs is made of.
type Pairs struct {
	MinProducts int `yaml:"min_products"` // distinct products of a basket, from
	MaxProducts int `yaml:"max_products"` // to
	MinInvoices int `yaml:"min_invoices"` // invoices a pair must be in
}

// Inventory is what the reorder points assume.
type Inventory struct {
	LeadTimeDays int     `yaml:"lead_time_days"`
	ServiceLevel float64 `yaml:"service_level"` // probability of not running out during the lead time
}

// Checks are what is looked for in facts and marts beside what the program always looks for.
type Checks struct {
	Dir string `yaml:"dir"` // folder of your own queries
}

// Lake is where the published tables lie.
type Lake struct {
	URL      string `yaml:"url"`      // a folder, or s3://bucket/prefix
	Endpoint string `yaml:"endpoint"` // of an S3 server that is not AWS
	Catalog  string `yaml:"catalog"`  // sql, or glue
}

// Retention says how long the past is kept.
type Retention struct {
	Runs          Duration `yaml:"runs"`           // history of runs
	Rejects       Duration `yaml:"rejects"`        // raw bytes of rejected records
	Snapshots     Duration `yaml:"snapshots"`      // versions of lake tables
	KeepSnapshots int      `yaml:"keep_snapshots"` // of these the newest stay however old they are
}

// Athena is the query service of AWS.
type Athena struct {
	Workgroup  string  `yaml:"workgroup"`
	Database   string  `yaml:"database"`
	PricePerTB Decimal `yaml:"price_per_tb"` // US dollars
	MaxScan    Bytes   `yaml:"max_scan"`     // what one query may read
}

// Nifi is a NiFi server.
type Nifi struct {
	URL          string `yaml:"url"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	CAFile       string `yaml:"ca_file"`
}

// Spark is a Spark cluster.
type Spark struct {
	Master string `yaml:"master"`
}

// Cloud is an account of AWS.
type Cloud struct {
	Region     string `yaml:"region"`
	AWSProfile string `yaml:"aws_profile"`
	Stack      string `yaml:"stack"`
}

// UI is how the console looks.
type UI struct {
	Theme   string   `yaml:"theme"` // auto, dark, light, contrast or mono
	FPS     int      `yaml:"fps"`
	Refresh Duration `yaml:"refresh"`
	// Keys are the user's own keys by action, in place of the action's own.
	Keys map[string]Keys `yaml:"keys"`
}

const day = Duration(24 * 60 * 60 * 1e9)

// defaults is the configuration with no file, no variable and no flag, but for the sources.
func defaults(dataDir string) *Config {
	db := Database{URL: NewDSN("local"), MaxConns: 4}
	return &Config{
		DataDir:        dataDir,
		BaseCurrency:   "GBP",
		ReportTimezone: "Europe/London",
		Staging:        db,
		Analytics:      db,
		Engines:        Engines{Ingest: "go", Transform: "sql", Aggregate: "sql"},
		Marts:          Marts{Pairs: Pairs{MinProducts: 2, MaxProducts: 100, MinInvoices: 20}},
		Inventory:      Inventory{LeadTimeDays: 14, ServiceLevel: 0.95},
		Lake:           Lake{Catalog: "sql"},
		Retention:      Retention{Runs: 365 * day, Rejects: 365 * day, Snapshots: 30 * day, KeepSnapshots: 10},
		Athena:         Athena{Workgroup: "penstock", Database: "penstock", PricePerTB: "5.00", MaxScan: 10e9},
		Nifi:           Nifi{URL: "https://localhost:8443"},
		Spark:          Spark{Master: "local[*]"},
		Cloud:          Cloud{Stack: "penstock"},
		UI:             UI{Theme: "auto", FPS: 30, Refresh: Duration(1e9)},
	}
}

// Profile is the name of the overlay in use, empty without one.
func (c *Config) Profile() string { return c.profile }

// Profiles are the names of the overlays that could be chosen, in the order of the file.
func (c *Config) Profiles() []string { return c.profiles }

// Files are the configuration files that were read, none when the defaults alone hold.
func (c *Config) Files() []string { return c.files }

// IsSample tells whether the sources are the sample that the program carries.
func (c *Config) IsSample() bool { return c.sample }

// Personal are the columns that any source declares as personal (pii), sorted: marts are of all sources.
func (c *Config) Personal() []string {
	var list []string
	for i := range c.Sources {
		list = append(list, c.Sources[i].PII...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Warnings are what is allowed and still worth knowing.
func (c *Config) Warnings() []Problem { return c.warnings }

// Settings lists every value in the order of the schema, with where it came from; secrets are masked.
func (c *Config) Settings() []Setting { return c.settings }

// Setting is one value as a settings screen shows it.
type Setting struct {
	Key   string // sources.0.path
	Value string // as YAML, without secrets
	From  Origin // the zero Origin is the default
}
