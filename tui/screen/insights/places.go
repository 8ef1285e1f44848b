package insights

import (
	"penstock/pipeline/mart"
	"penstock/tui/env"
)

// Places returns what can be done in each tab, on each pane of the overview, and on
// the levels below; as if there were marts, remarks and personal data.
func (s *Screen) Places() (lists [][]env.Action) {
	add := func(v view) { lists = append(lists, s.everything(v.about())) }
	for _, v := range s.tabs {
		if o, ok := v.(*overview); ok {
			for pane := range panes {
				o.setFocus(pane)
				add(o)
			}
			o.setFocus(paneRevenue)
			continue
		}
		add(v)
	}
	add(newMembers(s, ""))
	add(s.newLines("", mart.Behind{}))
	return lists
}
