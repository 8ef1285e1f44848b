package settings

import (
	"slices"
	"strings"
)

// sections are the parts of the configuration, in the order they are shown, each
// with the first words of its keys.
func sections() [][]string {
	return [][]string{
		{"Program", "production", "data_dir"},
		{"Databases", "staging", "analytics"},
		{"Data", "base_currency", "report_timezone", "sources", "rates"},
		{"Engines", "engines", "nifi", "spark"},
		{"Marts and checks", "marts", "inventory", "checks"},
		{"Lake and cloud", "lake", "retention", "athena", "cloud"},
		{"Console", "ui"},
	}
}

// section names the part that a key belongs to.
func section(key string) string { return sections()[place(key)][0] }

// place is the number of a key's section; keys that none names are the program's.
func place(key string) int {
	word, _, _ := strings.Cut(key, ".")
	return max(0, slices.IndexFunc(sections(), func(s []string) bool { return slices.Contains(s[1:], word) }))
}

// bySection returns settings section by section, in their own order within one.
func bySection(list []Setting) []Setting {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Setting) int { return place(a.Key) - place(b.Key) })
	return list
}
