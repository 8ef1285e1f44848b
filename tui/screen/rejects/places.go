package rejects

import "penstock/tui/env"

// Places returns what can be done while each part of the screen has the focus.
func (s *Screen) Places() (lists [][]env.Action) {
	s.ring.Each(func() { lists = append(lists, s.Status().Actions) })
	return lists
}
