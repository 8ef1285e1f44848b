package guard

import (
	"reflect"

	tea "charm.land/bubbletea/v2"
)

// Wrap returns the model with every panic of Update, View and commands caught:
// the session ends in order and the crash is told afterwards.
func (g *Guard) Wrap(m tea.Model) tea.Model { return &model{guard: g, inner: m} }

type model struct {
	guard *Guard
	inner tea.Model
	last  tea.View
	dead  bool
}

func (m *model) Init() (cmd tea.Cmd) {
	defer m.recover(&cmd)
	return m.wrap(m.inner.Init())
}

func (m *model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	if m.dead {
		return m, tea.Quit
	}
	next = m
	defer m.recover(&cmd)
	m.inner, cmd = m.inner.Update(msg)
	return m, m.wrap(cmd)
}

func (m *model) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil {
			m.guard.caught(r)
			m.dead = true
			v = m.last
			// View cannot send a command.
			m.guard.wait.Go(m.guard.end)
		}
	}()
	if m.dead {
		return m.last
	}
	m.last = m.inner.View()
	return m.last
}

func (m *model) recover(cmd *tea.Cmd) {
	if r := recover(); r != nil {
		m.guard.caught(r)
		m.dead = true
		*cmd = tea.Quit
	}
}

// wrap returns the command with its panics caught, and those of the commands it
// stands for.
func (m *model) wrap(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				m.guard.caught(r)
				msg = tea.QuitMsg{}
			}
		}()
		msg = cmd()
		// Batches and sequences are slices of commands; the type of the second
		// is private to Bubble Tea.
		if v := reflect.ValueOf(msg); v.IsValid() && v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			wrapped := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			for i := range v.Len() {
				inner, _ := v.Index(i).Interface().(tea.Cmd)
				wrapped.Index(i).Set(reflect.ValueOf(m.wrap(inner)))
			}
			return wrapped.Interface()
		}
		return msg
	}
}
