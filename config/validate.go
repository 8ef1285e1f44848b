package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"penstock/pipeline/source"
)

// validator checks what types alone do not say.
type validator struct {
	d        *decoder
	problems []Problem
}

func validate(c *Config, d *decoder) []Problem {
	v := &validator{d: d}
	v.currency("base_currency", c.BaseCurrency)
	v.timezone("report_timezone", c.ReportTimezone)
	v.database("staging", c.Staging)
	v.database("analytics", c.Analytics)
	v.engines(c.Engines)
	v.between("rates.max_age_days", c.Rates.MaxAgeDays, 0, 366)
	v.between("marts.pairs.min_products", c.Marts.Pairs.MinProducts, 2, 1000)
	v.between("marts.pairs.max_products", c.Marts.Pairs.MaxProducts, c.Marts.Pairs.MinProducts, 1000)
	v.between("marts.pairs.min_invoices", c.Marts.Pairs.MinInvoices, 1, 1_000_000)
	v.between("inventory.lead_time_days", c.Inventory.LeadTimeDays, 1, 365)
	if l := c.Inventory.ServiceLevel; !(l >= 0.5 && l < 1) {
		v.fail("inventory.service_level", "0.95 runs out in one of twenty lead times", "expected a number from 0.5 to below 1")
	}
	v.oneOf("lake.catalog", c.Lake.Catalog, "sql", "glue")
	v.between("retention.keep_snapshots", c.Retention.KeepSnapshots, 1, 100_000)
	v.oneOf("ui.theme", c.UI.Theme, "auto", "dark", "light", "contrast", "mono")
	v.between("ui.fps", c.UI.FPS, 1, 120)
	v.between("ui.refresh (in ms)", int(time.Duration(c.UI.Refresh).Milliseconds()), 100, 3_600_000)
	v.keys(c.UI.Keys)
	v.sources(c)
	return v.problems
}

func (v *validator) fail(key, hint, format string, args ...any) {
	v.problems = append(v.problems, Problem{Where: v.at(key), Key: key, Message: Mask(fmt.Sprintf(format, args...)), Hint: hint})
}

// at is where a key stands: the key's own place, else that of the nearest thing around it.
func (v *validator) at(key string) Origin {
	for key != "" {
		if n := v.d.where[key]; n != nil {
			return n.from
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return Origin{}
}

func (v *validator) between(key string, got, low, high int) {
	if got < low || got > high {
		v.fail(key, "", "expected a whole number from %d to %d, got %d", low, high, got)
	}
}

func (v *validator) oneOf(key, got string, have ...string) {
	if !slices.Contains(have, got) {
		v.fail(key, didYouMean(got, have), "unknown value %q", got)
	}
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

func (v *validator) currency(key, got string) {
	if !currencyCode.MatchString(got) {
		v.fail(key, "", "expected a currency of three capital letters such as GBP, got %q", got)
	}
}

func (v *validator) timezone(key, got string) {
	if _, err := time.LoadLocation(got); err != nil || got == "" || got == "Local" {
		v.fail(key, "", "expected the name of a time zone such as Europe/London or UTC, got %q", got)
	}
}

func (v *validator) database(key string, db Database) {
	v.address(key+".url", db.URL, true)
	v.address(key+".owner_url", db.OwnerURL, false)
	v.address(key+".read_url", db.ReadURL, false)
	v.between(key+".max_conns", db.MaxConns, 1, 64)
	if db.URL.IsLocal() && (!db.OwnerURL.IsZero() || !db.ReadURL.IsZero() || db.PasswordFile != "") {
		v.fail(key+".url", "leave out owner_url, read_url and password_file", "the managed server has its own roles and passwords")
	}
}

// keyword is the start of libpq's key=value form of an address.
var keyword = regexp.MustCompile(`^\s*(host|hostaddr|port|dbname|user|service|passfile|sslmode)\s*=`)

func (v *validator) address(key string, d DSN, required bool) {
	text := d.Reveal()
	switch {
	case text == "" && !required, text == "local" && required:
	case strings.HasPrefix(text, "postgres://"), strings.HasPrefix(text, "postgresql://"), keyword.MatchString(text):
	default:
		v.fail(key, `write local, postgres://user@host/database?sslmode=verify-full, or service=NAME`, "expected the address of a PostgreSQL database, got %q", Mask(text))
	}
}

// EngineNames lists, for each step that has a choice, the engines it can be executed by; the default
// comes first.
func EngineNames() map[string][]string {
	return map[string][]string{"ingest": {"go", "nifi"}, "transform": {"sql", "python"}, "aggregate": {"sql", "spark"}}
}

func (v *validator) engines(e Engines) {
	v.oneOf("engines.ingest", e.Ingest, EngineNames()["ingest"]...)
	v.oneOf("engines.transform", e.Transform, EngineNames()["transform"]...)
	v.oneOf("engines.aggregate", e.Aggregate, EngineNames()["aggregate"]...)
}

func (v *validator) sources(c *Config) {
	seen := map[string]int{}
	for i := range c.Sources {
		s, key := &c.Sources[i], fmt.Sprintf("sources.%d", i)
		if first, again := seen[s.Name]; again && s.Name != "" {
			v.fail(key+".name", "a source's name is part of the identity of every load: give each its own",
				"sources.%d is called %q too", first, s.Name)
		}
		seen[s.Name] = i
		spec := s.Spec
		if s.IsAPI() {
			v.api(key, s)
			spec.Kind, spec.Path = "", "-" // the rest holds for every kind
		} else {
			v.files(key, s)
		}
		for _, p := range spec.Validate() {
			v.specProblem(key, p)
		}
	}
}

// specProblem gives a problem of a source its place in the file.
func (v *validator) specProblem(key string, p source.Problem) {
	full := join(key, strings.Join(p.Path, "."))
	where := v.at(full)
	if at, ok := v.d.keys[full]; ok && p.Nearest != "" {
		where = at // the key itself is wrong
	}
	hint := ""
	if p.Nearest != "" {
		hint = fmt.Sprintf("did you mean %q?", p.Nearest)
	}
	v.problems = append(v.problems, Problem{Where: where, Key: full, Message: Mask(p.Message), Hint: hint})
}

// files refuses what only an API has.
func (v *validator) files(key string, s *Source) {
	for name, set := range map[string]bool{
		"url": s.URL != "", "auth": s.Auth != APIAuth{}, "page": s.Page != APIPage{}, "records": s.Records != "", "since": s.Since != APISince{},
	} {
		if set {
			v.fail(join(key, name), "write kind: api, or leave it out", "only a source of kind api has this key")
		}
	}
}

func (v *validator) api(key string, s *Source) {
	if !strings.HasPrefix(s.URL, "http://") && !strings.HasPrefix(s.URL, "https://") {
		v.fail(key+".url", "", "expected an address that starts with https:// or http://, got %q", s.URL)
	}
	v.oneOf(key+".page.kind", cmp.Or(s.Page.Kind, "cursor"), "cursor", "number", "offset", "link")
}
