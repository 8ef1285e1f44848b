package mart

import (
	"strings"
	"testing"
	"time"
)

func at(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return t
}

func TestFillAddsPeriodsOfZeros(t *testing.T) {
	period := func(day string, z Zoom) Period { return Period{Start: at(day), End: z.next(at(day)), Gross: "1"} }
	for _, c := range []struct {
		z    Zoom
		in   []string
		want string
	}{
		{Day, []string{"2011-01-01", "2011-01-04"}, "2011-01-01 2011-01-02* 2011-01-03* 2011-01-04"},
		{Week, []string{"2010-12-20", "2011-01-03"}, "2010-12-20 2010-12-27* 2011-01-03"},
		{Month, []string{"2010-12-01", "2011-03-01"}, "2010-12-01 2011-01-01* 2011-02-01* 2011-03-01"},
		{Day, []string{"2011-01-01"}, "2011-01-01"},
		{Day, nil, ""},
		// Too many to be drawn: the gap stays.
		{Day, []string{"1900-01-01", "2011-01-01"}, "1900-01-01 2011-01-01"},
	} {
		var list []Period
		for _, day := range c.in {
			list = append(list, period(day, c.z))
		}
		var got []string
		for _, p := range fill(list, c.z) {
			name := p.Start.Format(time.DateOnly)
			if p.Gross == "0" {
				name += "*"
			}
			got = append(got, name)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s %v: %s, want %s", c.z, c.in, text, c.want)
		}
	}
}

func TestMarkParts(t *testing.T) {
	list := []Period{{Start: at("2010-11-29"), End: at("2010-12-06")}, {Start: at("2010-12-06"), End: at("2010-12-13")}}
	MarkParts(list, at("2010-12-01"), at("2010-12-12"))
	if !list[0].Part || list[1].Part {
		t.Errorf("parts: %v, %v", list[0].Part, list[1].Part)
	}
	MarkParts(list, at("2010-11-29"), at("2010-12-11"))
	if !list[1].Part {
		t.Error("the last week lacks a day")
	}
	MarkParts(nil, at("2010-12-01"), at("2010-12-12"))
}

func TestLakeQuery(t *testing.T) {
	none, quoted := "", "Côte d'Ivoire"
	for name, c := range map[string]struct {
		of   Behind
		has  []string
		lack []string
	}{
		"all":     {Behind{}, []string{"kind IN ('sale', 'return') AND amount_base IS NOT NULL ORDER BY"}, []string{"LIMIT"}},
		"quotes":  {Behind{Country: &quoted}, []string{"country = 'Côte d''Ivoire'"}, nil},
		"no land": {Behind{Country: &none}, []string{"country IS NULL"}, nil},
		"pair":    {Behind{Product: "a", With: "b", Smallest: 2, Largest: 9}, []string{"WHERE kind = 'sale'", "IN ('a', 'b')", "BETWEEN 2 AND 9"}, []string{"product_code = 'a'"}},
		"cohort": {
			Behind{Cohort: at("2011-01-01"), Since: 2, Timezone: "Europe/London"},
			[]string{"ordered_day >= DATE '2011-03-01'", "ordered_day < DATE '2011-04-01'", "AT TIME ZONE 'Europe/London') = DATE '2011-01-01'"},
			nil,
		},
	} {
		text := c.of.LakeQuery(0)
		for _, has := range c.has {
			if !strings.Contains(text, has) {
				t.Errorf("%s: %q is not in %s", name, has, text)
			}
		}
		for _, lack := range c.lack {
			if strings.Contains(text, lack) {
				t.Errorf("%s: %q is in %s", name, lack, text)
			}
		}
	}
	if text := (Behind{}).LakeQuery(5); !strings.HasSuffix(text, "LIMIT 5") {
		t.Error(text)
	}
}
