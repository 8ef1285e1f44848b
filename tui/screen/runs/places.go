package runs

import "penstock/tui/env"

// Places returns what can be done in the history, on the page of one run with each
// of its parts, and where two are compared.
func (s *Screen) Places() (lists [][]env.Action) {
	was := s.view
	list := func() { lists = append(lists, s.Status().Actions) }
	list()
	s.view = viewOne
	s.ring.Each(list)
	s.compared = s.newCompared()
	s.compared.Focused = true
	s.view = viewTwo
	list()
	s.view = was
	return lists
}
