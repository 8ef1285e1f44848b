package steps

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"penstock/pipeline/source"
	"penstock/sql"
)

// transformRule is what the lines of one source are derived by, as sql/transform/rules.sql takes it.
type transformRule struct {
	Source       string   `json:"source"`
	Currency     string   `json:"currency"`
	TaxIncluded  bool     `json:"tax_included"`
	Collapse     bool     `json:"collapse"`
	Replace      bool     `json:"replace"`
	ReturnPrefix string   `json:"return_prefix"`
	AdjustPrefix string   `json:"adjust_prefix"`
	VoidStatus   []string `json:"void_status"`
	ReturnStatus []string `json:"return_status"`
	ServiceLike  []string `json:"service_like"`
	ServiceCodes []string `json:"service_codes"`
}

// makeRules returns the rules of the sources that have loads, sorted by name, and the names of those
// that nobody configured. A source without loads has no facts and thus no say in what they are made of.
func makeRules(loads []transformLoad, o TransformOptions) (rules []transformRule, unknown []string) {
	specs := map[string]*source.Spec{}
	for _, s := range o.Sources {
		specs[s.Name] = s
	}
	rules = []transformRule{}
	seen := map[string]bool{}
	for _, l := range loads {
		if seen[l.source] {
			continue
		}
		seen[l.source] = true
		spec := specs[l.source]
		if spec == nil {
			unknown = append(unknown, l.source)
			spec = &source.Spec{Name: l.source, OnChange: l.onChange}
		}
		rules = append(rules, makeRule(spec, o.BaseCurrency))
	}
	slices.SortFunc(rules, func(a, b transformRule) int { return strings.Compare(a.Source, b.Source) })
	slices.Sort(unknown)
	return rules, unknown
}

func makeRule(s *source.Spec, baseCurrency string) transformRule {
	r := transformRule{
		Source: s.Name, Currency: s.Currency, TaxIncluded: s.TaxIncluded,
		Collapse: s.Duplicates == "collapse", Replace: s.OnChange == "replace" || (s.OnChange == "" && s.Kind == "api"),
		ReturnPrefix: s.ReturnPrefix, AdjustPrefix: s.AdjustPrefix,
		VoidStatus: sortedSet(s.VoidStatus), ReturnStatus: sortedSet(s.ReturnStatus),
		ServiceLike: []string{}, ServiceCodes: []string{},
	}
	if r.Currency == "" {
		r.Currency = baseCurrency
	}
	for _, code := range sortedSet(s.ServiceCodes) {
		if strings.Contains(code, "*") {
			r.ServiceLike = append(r.ServiceLike, likePattern(code))
		} else {
			r.ServiceCodes = append(r.ServiceCodes, code)
		}
	}
	return r
}

// sortedSet returns the values without repetition, so that writing them in another order is no change.
func sortedSet(values []string) []string {
	set := append([]string{}, values...)
	slices.Sort(set)
	return slices.Compact(set)
}

// likePattern turns a pattern in which only * means something into one for LIKE.
func likePattern(glob string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(glob)
}

func (r transformRule) fingerprint() []byte { return fingerprint(r) }

// globalFingerprint covers what the facts of every source depend on, the program's own part of it, the
// statements, included.
func globalFingerprint(o TransformOptions, rates *string) []byte {
	return fingerprint(struct {
		Base, Timezone string
		MaxAge         int
		Rates          *string
		Statements     []string
	}{o.BaseCurrency, o.ReportTimezone, o.RatesMaxAgeDays, rates, []string{
		sql.Text("transform/superseded.sql"), sql.Text("transform/twins.sql"), sql.Text("transform/collapsed.sql"), sql.Text("transform/lines.sql"),
	}})
}

// fingerprint hashes a value by its JSON, which for structs of texts, numbers and lists is one text only.
func fingerprint(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("steps: fingerprint of a type that has no JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
