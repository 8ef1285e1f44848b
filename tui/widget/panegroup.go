package widget

import "time"

// PaneGroup are panes that show parts of the same data, so that they share its state.
type PaneGroup []*Pane

// Touch makes the next View draw all of them anew.
func (g PaneGroup) Touch() {
	for _, p := range g {
		p.Touch()
	}
}

// Pause has them say that their updates are held still, or no longer.
func (g PaneGroup) Pause(on bool) {
	for _, p := range g {
		p.Paused = on
		p.Touch()
	}
}

// Loading says what is being waited for.
func (g PaneGroup) Loading(what string) {
	for _, p := range g {
		p.Loading(what)
	}
}

// Failed has the first show an error and the key that tries again; the others only say that
// they could not be read either.
func (g PaneGroup) Failed(err error, retry string) {
	for i, p := range g {
		if i == 0 {
			p.Failed(err, retry)
			continue
		}
		p.set(Failed, "not read either", "")
	}
}

// Live says that the data is as of at and looked at every so often.
func (g PaneGroup) Live(at time.Time, every time.Duration) {
	for _, p := range g {
		p.Every = every
		p.Live(at)
	}
}
