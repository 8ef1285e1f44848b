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

// Failed shows an error and the key that tries again.
func (g PaneGroup) Failed(err error, retry string) {
	for _, p := range g {
		p.Failed(err, retry)
	}
}

// Live says that the data is as of at and looked at every so often.
func (g PaneGroup) Live(at time.Time, every time.Duration) {
	for _, p := range g {
		p.Every = every
		p.Live(at)
	}
}
