package steps

import (
	"slices"
	"strings"
	"testing"

	"penstock/pipeline/source"
)

func TestPlanTransform(t *testing.T) {
	here := "11111111-1111-1111-1111-111111111111"
	other := "22222222-2222-2222-2222-222222222222"
	rule, changed := transformRule{Source: "shop"}, transformRule{Source: "shop", Collapse: true}
	load := func(id, loaded int64) transformLoad {
		return transformLoad{id: id, source: "shop", hash: string(rune('a' + id)), loaded: loaded}
	}
	state := func(ids ...int64) transformState {
		s := transformState{staging: &here, global: []byte("g"), applied: map[int64]appliedLoad{}, rules: map[string]string{"shop": string(rule.fingerprint())}}
		for _, id := range ids {
			s.applied[id] = appliedLoad{hash: load(id, 10).hash, loaded: 10}
		}
		return s
	}
	for _, c := range []struct {
		name           string
		state          transformState
		in             transformInput
		skip, warning  string
		rebuild        bool
		added, removed []int64
	}{
		{name: "nothing yet", state: transformState{}, in: transformInput{staging: here}, skip: "nothing has been loaded", rebuild: true},
		{name: "the first loads", state: transformState{}, in: transformInput{staging: here, loads: []transformLoad{load(1, 10)}}, rebuild: true, added: []int64{1}},
		{name: "nothing new", state: state(1, 2), in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(2, 10)}}, skip: "no load"},
		{name: "one more", state: state(1, 2), in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(2, 10), load(3, 5)}}, added: []int64{3}},
		{name: "one gone", state: state(1, 2, 3), in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(3, 10)}}, removed: []int64{2}},
		{
			name: "another content", state: state(1, 2, 3, 4), in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(2, 10), load(3, 10), load(4, 9)}},
			added: []int64{4}, removed: []int64{4},
		},
		{name: "most of it new", state: state(1), in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(2, 11)}}, rebuild: true, added: []int64{2}},
		{name: "all gone", state: state(1), in: transformInput{staging: here}, rebuild: true, removed: []int64{1}},
		{name: "asked for", state: state(1), in: transformInput{staging: here, loads: []transformLoad{load(1, 10)}, rebuild: true}, rebuild: true},
		{
			name: "another staging", state: state(1), in: transformInput{staging: other, loads: []transformLoad{load(1, 10)}},
			rebuild: true, warning: "another staging database",
		},
		{
			name: "other rules", state: state(1), in: transformInput{staging: here, loads: []transformLoad{load(1, 10)}, rules: []transformRule{changed}},
			rebuild: true, warning: "source shop",
		},
		{
			name: "a source more", state: state(1, 2), rebuild: false, added: []int64{3},
			in: transformInput{staging: here, loads: []transformLoad{load(1, 10), load(2, 10), load(3, 1)}, rules: []transformRule{rule, {Source: "web"}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.state.staging != nil && c.in.global == nil {
				c.in.global = c.state.global
			}
			p := planTransform(c.state, c.in)
			if p.rebuild != c.rebuild || !slices.Equal(p.added, c.added) || !slices.Equal(p.removed, c.removed) {
				t.Errorf("got rebuild %v, added %v, removed %v", p.rebuild, p.added, p.removed)
			}
			if !strings.Contains(p.skip, c.skip) || (p.skip == "") != (c.skip == "") {
				t.Errorf("got skip %q", p.skip)
			}
			if !strings.Contains(p.warning, c.warning) || (p.warning == "") != (c.warning == "") {
				t.Errorf("got warning %q", p.warning)
			}
		})
	}
	s := state(1)
	if p := planTransform(s, transformInput{staging: here, global: []byte("other"), loads: []transformLoad{load(1, 10)}}); !p.rebuild || p.warning == "" {
		t.Error("other rates or another program must lead to a rebuild, told")
	}
}

func TestMakeRules(t *testing.T) {
	loads := []transformLoad{{source: "web", onChange: "replace"}, {source: "shop"}, {source: "shop"}}
	o := TransformOptions{BaseCurrency: "GBP", Sources: []*source.Spec{
		{Name: "shop", ServiceCodes: []string{"POST", "gift_*", "100%*", "POST"}, VoidStatus: []string{"b", "a"}},
		{Name: "idle", Duplicates: "collapse"},
	}}
	rules, unknown := makeRules(loads, o)
	if len(rules) != 2 || rules[0].Source != "shop" || rules[1].Source != "web" || !slices.Equal(unknown, []string{"web"}) {
		t.Fatalf("got %+v, unknown %v", rules, unknown)
	}
	shop, web := rules[0], rules[1]
	if !slices.Equal(shop.ServiceCodes, []string{"POST"}) || !slices.Equal(shop.ServiceLike, []string{`100\%%`, `gift\_%`}) {
		t.Errorf("service codes: got %q and %q", shop.ServiceCodes, shop.ServiceLike)
	}
	if shop.Currency != "GBP" || !web.Replace || shop.Replace {
		t.Errorf("got %+v and %+v", shop, web)
	}
	o.Sources[0].VoidStatus = []string{"a", "b", "a"}
	again, _ := makeRules(loads, o)
	if string(again[0].fingerprint()) != string(shop.fingerprint()) {
		t.Error("the order of a list is no change of rules")
	}
	o.Sources[0].TaxIncluded = true
	again, _ = makeRules(loads, o)
	if string(again[0].fingerprint()) == string(shop.fingerprint()) {
		t.Error("tax_included is a rule")
	}
}

func TestServiceFactor(t *testing.T) {
	for p, want := range map[float64]float64{0.5: 0, 0.9: 1.2816, 0.95: 1.6449, 0.975: 1.96, 0.99: 2.3263} {
		if got := serviceFactor(p); got != want {
			t.Errorf("serviceFactor(%v) = %v, want %v", p, got, want)
		}
	}
}

// No table is unlogged: a crash after one was rolled back would have the server fail its recovery.
func TestScratchTables(t *testing.T) {
	for full, kind := range map[bool]string{true: "CREATE TABLE", false: "CREATE TEMP TABLE"} {
		made := 0
		for _, name := range sumStatements() {
			text := (&martSums{aggregate: &aggregate{full: full}}).text(name)
			if strings.Contains(text, "{") && strings.Contains(text, "scratch") || strings.Contains(strings.ToUpper(text), "UNLOGGED") {
				t.Errorf("%s: %s", name, text)
			}
			made += strings.Count(text, kind)
		}
		if made < 5 {
			t.Errorf("%d scratch tables by %s", made, kind)
		}
	}
}
