package tuitest

// Terminal is an emulated terminal for programs that something else than Run runs:
// write to it what the program writes.
type Terminal struct{ emulator *emulator }

// NewTerminal returns an empty terminal of w by h cells.
func NewTerminal(w, h int) *Terminal { return &Terminal{newEmulator(w, h)} }

// Write implements io.Writer for a program's output.
func (t *Terminal) Write(p []byte) (int, error) { return t.emulator.Write(p) }

// Screen returns what the terminal shows.
func (t *Terminal) Screen() Screen { return t.emulator.screen() }

// Resize changes the terminal's size; the program has to be told by itself.
func (t *Terminal) Resize(w, h int) { t.emulator.resize(w, h) }
