package pipeline

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// all is the choice of everything.
const all = "all"

// startForm asks what to run.
func (s *Screen) startForm() tea.Cmd {
	steps := []string{all}
	for _, name := range pipeline.StepNames() {
		steps = append(steps, string(name))
	}
	value := all
	if s.chosen {
		value = string(pipeline.StepNames()[s.step])
	}
	fields := []widget.Field{{ID: "steps", Label: "steps", Options: steps, Value: value, Help: "the whole pipeline, or one step of it; ← → choose"}}
	if len(s.state.Sources) > 1 {
		sources := []string{all}
		for _, src := range s.state.Sources {
			sources = append(sources, src.Name)
		}
		fields = append(fields, widget.Field{ID: "source", Label: "source", Options: sources, Help: "read all sources, or one"})
	}
	fields = append(fields, s.engineFields()...)
	fields = append(fields, widget.Field{ID: "rebuild", Label: "rebuild", Options: []string{"no", "yes"}, Help: "derive everything anew instead of what changed"})
	form := widget.NewForm(s.env, "Start a run", fields, s.submitted)
	form.Ready = true
	return env.Show(form)
}

func (s *Screen) submitted(values map[string]string) tea.Cmd {
	s.keepEngines(values)
	r := Request{Engines: s.engines, Rebuild: values["rebuild"] == "yes"}
	if name := values["steps"]; name != all {
		r.Steps = []pipeline.StepName{pipeline.StepName(name)}
	}
	if name := values["source"]; name != "" && name != all {
		r.Sources = []string{name}
	}
	if !r.Rebuild {
		return s.start(r)
	}
	return env.Show(widget.NewConfirm(s.env, *rebuildDanger(), func() tea.Cmd { return s.start(r) }))
}

// engineForm asks what executes the steps.
func (s *Screen) engineForm() tea.Cmd {
	return env.Show(widget.NewForm(s.env, "Engines of the next run", s.engineFields(), func(values map[string]string) tea.Cmd {
		s.keepEngines(values)
		s.touch()
		return nil
	}))
}

// engineFields are the steps that have a choice of engines.
func (s *Screen) engineFields() []widget.Field {
	var fields []widget.Field
	for _, name := range pipeline.StepNames() {
		engines := s.state.Engines[name]
		if len(engines) < 2 {
			continue
		}
		f := widget.Field{ID: string(name), Label: string(name) + " by", Value: s.engines[name], Help: "what executes the step; the result is the same"}
		for _, e := range engines {
			f.Options = append(f.Options, e.Name)
		}
		f.Check = func(value string) error {
			i := slices.IndexFunc(engines, func(e Engine) bool { return e.Name == value })
			if i >= 0 && engines[i].Why != "" {
				return errors.New(engines[i].Why)
			}
			return nil
		}
		fields = append(fields, f)
	}
	return fields
}

// keepEngines remembers the choices that differ from the configuration.
func (s *Screen) keepEngines(values map[string]string) {
	for name, engines := range s.state.Engines {
		value, asked := values[string(name)]
		switch {
		case !asked || len(engines) == 0:
		case value == engines[0].Name:
			delete(s.engines, name)
		default:
			s.engines[name] = value
		}
	}
}
