package pipeline_test

import (
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

// BenchmarkView draws 200x60 after a look with news, and after a key that changes nothing.
func BenchmarkView(b *testing.B) {
	th, err := theme.New(theme.Options{Name: "dark", Profile: colorprofile.TrueColor})
	if err != nil {
		b.Fatal(err)
	}
	e := env.New(b.Context(), th, demo.Start)
	e.Width, e.Height = 200, 60
	l := demo.NewLedger(demo.Start())
	s := screen.New(e, l, time.Second)
	deliver := func(cmd tea.Cmd) {
		if letter, ok := cmd().(env.LetterMsg); ok {
			if body, fresh := letter.Open(); fresh {
				s.Update(body)
			}
		}
	}
	deliver(s.Init(b.Context()))
	reload := func() tea.Cmd {
		for _, a := range s.Status().Actions {
			if a.ID == "pipeline.reload" {
				return a.Run()
			}
		}
		return nil
	}
	b.Run("news", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			deliver(reload())
			s.View(198, 56)
		}
	})
	b.Run("nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Update(tuitest.Key("z"))
			s.View(198, 56)
		}
	})
}
