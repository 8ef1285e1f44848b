package settings

import "penstock/tui/env"

// Places returns what can be done while each part of the screen has the focus.
func (s *Screen) Places() [][]env.Action { return s.ring.Places(s.Status) }
