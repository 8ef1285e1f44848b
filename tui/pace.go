package tui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// How the pace goes: the first frame after a rest comes soon, those behind it as
// often as frames may, and when nothing has changed for a while hardly anybody
// looks.
const (
	paceSoon  = 5 * time.Millisecond
	paceQuick = 3 * paceSoon
	paceAwake = 100 * time.Millisecond
	paceRest  = time.Second
)

// Paced is a model that says how often its program looks whether there is a frame
// to draw. Bubble Tea looks at a fixed rate for as long as it lives: that is most
// of what an idle console costs, and makes every key wait for the next look. Its
// ticker is not exported, so it is found by its name; where there is none, frames
// come at the program's own rate.
type Paced struct {
	model   tea.Model
	program *tea.Program
	frame   time.Duration // least time between frames while things change
	last    tea.View

	mu     sync.Mutex
	ticker *time.Ticker // nil: not found
	slower *time.Timer  // the next change of pace
	awake  bool
	again  bool // something was new since the pace last changed
	closed bool
}

// NewPaced returns the model with a pace of up to fps frames a second; 0: 30.
func NewPaced(m tea.Model, fps int) *Paced {
	if fps <= 0 {
		fps = defaultFPS
	}
	return &Paced{model: m, frame: time.Second / time.Duration(fps)}
}

// Of takes the program that draws the model. It has not been started.
func (p *Paced) Of(program *tea.Program) { p.program = program }

// Init is the model's own.
func (p *Paced) Init() tea.Cmd { return p.model.Init() }

// Update is the model's own.
func (p *Paced) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	p.model, cmd = p.model.Update(msg)
	return p, cmd
}

// View is the model's own. What is new in it is drawn soon.
func (p *Paced) View() tea.View {
	v := p.model.View()
	if v.Content != p.last.Content || v.WindowTitle != p.last.WindowTitle || !reflect.DeepEqual(v.ProgressBar, p.last.ProgressBar) {
		p.wake()
	}
	p.last = v
	return v
}

// Close lets the pace be as it is.
func (p *Paced) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.slower != nil {
		p.slower.Stop()
	}
}

// wake is called by the goroutine that also starts the program's ticker.
func (p *Paced) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ticker == nil {
		p.ticker = tickerOf(p.program)
	}
	if p.ticker == nil || p.closed {
		return
	}
	if p.again = true; p.awake {
		return
	}
	p.awake = true
	p.ticker.Reset(min(paceSoon, p.frame))
	p.slower = time.AfterFunc(paceQuick, p.steady)
}

// steady is the pace while things change.
func (p *Paced) steady() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.ticker.Reset(p.frame)
		p.again = false
		p.slower = time.AfterFunc(paceAwake, p.rest)
	}
}

// rest is the pace while nothing does.
func (p *Paced) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
	case p.again:
		p.again = false
		p.slower.Reset(paceAwake)
	default:
		p.awake = false
		p.ticker.Reset(paceRest)
	}
}

// tickerOf finds the ticker that a started program draws by.
func tickerOf(program *tea.Program) *time.Ticker {
	if program == nil {
		return nil
	}
	field := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(field.UnsafePointer())
}
