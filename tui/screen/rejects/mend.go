package rejects

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// wholeRecord is the form's field of a record that cannot be parted.
const wholeRecord = "record"

type startedMsg struct {
	run Run
	err error
}

type endedMsg struct {
	outcome Outcome
	err     error
}

type exportedMsg struct {
	path    string
	records int64
	err     error
}

// edit opens the form of the record under the cursor, as soon as it is read.
func (s *Screen) edit() tea.Cmd {
	row, ok := s.table.Cursor()
	if !ok {
		return nil
	}
	k := s.rows.list[row].Key
	if s.record != nil && s.record.Key == k && !s.reading.Running() {
		return s.openForm()
	}
	s.wanted = &k
	return s.read()
}

// openForm shows the record's fields, the wrong one marked and under the cursor.
func (s *Screen) openForm() tea.Cmd {
	r := *s.record
	if r.Resolved {
		return env.Notify(env.Warn, fmt.Sprintf("the record is mended already, by load %d", r.ResolvedBy))
	}
	if len(r.Fields) == 0 && r.Masked {
		return env.Notify(env.Warn, "the record does not split into fields, so it is masked as a whole: "+s.env.Key("rejects.pii", "p")+" shows it, and then it can be mended")
	}
	done, edited := s.edits[r.Key]
	fields, start := formFields(r, done, edited)
	title := fmt.Sprintf("Mend record %s of load %d, line %s", widget.Count(r.Record), r.Load, widget.Count(r.Line))
	form := widget.NewForm(s.env, title, fields, func(values map[string]string) tea.Cmd { return s.submitted(r, values) })
	form.Careful = true
	form.Focus(start)
	return env.Show(form)
}

// formFields makes fields of a record, with what was mended before in them, and names the one to start at.
func formFields(r Record, done Mended, edited bool) (fields []widget.Field, start string) {
	check := func(value string) error { _, err := unescape(value); return err }
	const help = `\n \r \t \xHH stand for bytes; \\ is a backslash`
	if len(r.Fields) == 0 {
		text := r.Text
		if edited && done.Text != nil {
			text = *done.Text
		}
		return []widget.Field{{
			ID: wholeRecord, Label: wholeRecord, Value: escape(text), Wrong: why(r.Reject), Check: check,
			Help: "the record without its line's end; " + help,
		}}, wholeRecord
	}
	for i, f := range r.Fields {
		field := widget.Field{ID: strconv.Itoa(i), Label: f.Name, Value: escape(f.Value), Check: check, Help: help}
		if value, ok := done.Changes[i]; ok {
			field.Value = escape(value)
		} else if f.Wrong {
			field.Wrong = why(r.Reject)
		}
		if f.Masked {
			field.Help = "masked: leave it empty to keep what it holds"
		}
		if f.Column != "" && f.Column != f.Name {
			field.Help = f.Column + "; " + field.Help
		}
		if f.Wrong && start == "" {
			start = field.ID
		}
		fields = append(fields, field)
	}
	return fields, start
}

// why says in a few words what is wrong with a record.
func why(r Reject) string {
	words := reasonWords(r.Reason)
	if r.Detail != "" {
		words += ": " + r.Detail
	}
	return words
}

// reasonWords are a reason's name as a person would say it.
func reasonWords(reason string) string { return strings.ReplaceAll(reason, "_", " ") }

// submitted keeps what was changed, until it is taken in.
func (s *Screen) submitted(r Record, values map[string]string) tea.Cmd {
	m := Mended{Key: r.Key, Source: r.Source, Changes: map[int]string{}}
	if len(r.Fields) == 0 {
		text, err := unescape(values[wholeRecord])
		if err != nil {
			return env.Failed("", err, s.env.Key("rejects.mend", "enter")+" mends the record again")
		}
		if text != r.Text {
			m.Text = &text
		}
	}
	for i, f := range r.Fields {
		value, err := unescape(values[strconv.Itoa(i)])
		if err != nil {
			return env.Failed(f.Name, err, s.env.Key("rejects.mend", "enter")+" mends the record again")
		}
		if value != f.Value {
			m.Changes[i] = value
		}
	}
	if len(m.Changes) == 0 && m.Text == nil {
		delete(s.edits, r.Key)
		return tea.Batch(s.reedit(), env.Notify(env.Info, "nothing was changed: the record stays as it is"))
	}
	s.edits[r.Key] = m
	s.paint()
	return tea.Batch(s.reedit(), env.Notify(env.Good, fmt.Sprintf("kept: %s takes %s in", s.env.Key("rejects.reingest", "R"), records(len(s.batch())))))
}

func records(n int) string {
	if n == 1 {
		return "1 mended record"
	}
	return widget.Count(int64(n)) + " mended records"
}

// batch are the mended records that go in together: those of one source, that of
// the record under the cursor if one of its was mended.
func (s *Screen) batch() []Mended {
	var all []Mended
	for _, m := range s.edits {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Mended) int {
		if a.Load != b.Load {
			return int(a.Load - b.Load)
		}
		return int(a.Record - b.Record)
	})
	if len(all) == 0 {
		return nil
	}
	source := all[0].Source
	if s.record != nil {
		if _, ok := s.edits[s.record.Key]; ok {
			source = s.record.Source
		}
	}
	return slices.DeleteFunc(all, func(m Mended) bool { return m.Source != source })
}

// takeIn starts a run with the mended records.
func (s *Screen) takeIn() tea.Cmd {
	mender, batch := s.o.Mender, s.batch()
	s.sent = batch
	s.last = ""
	return s.mending.Start(s.ctx, func(ctx context.Context) tea.Msg {
		run, err := mender.Mend(ctx, batch)
		return startedMsg{run, err}
	})
}

func (s *Screen) started(msg startedMsg) tea.Cmd {
	if msg.err != nil {
		s.sent = nil
		return env.Failed("take the records in", msg.err, "what was changed is kept: "+s.env.Key("rejects.reingest", "R")+" tries again")
	}
	s.run = &msg.run
	s.touch()
	mender, run := s.o.Mender, msg.run
	return s.awaiting.Start(s.ctx, func(ctx context.Context) tea.Msg {
		outcome, err := mender.Await(ctx, run)
		return endedMsg{outcome, err}
	})
}

// ended drops what is in, keeps what is not, and says both.
func (s *Screen) ended(msg endedMsg) tea.Cmd {
	run, sent := s.run, s.sent
	s.run, s.sent = nil, nil
	s.touch()
	if msg.err != nil {
		return env.Failed("watch the run", msg.err, "it goes on by itself: "+s.env.Key("go.runs", "2")+" shows it")
	}
	o := msg.outcome
	for _, k := range o.Resolved {
		delete(s.edits, k)
	}
	level, text, hint := env.Good, fmt.Sprintf("run %d: %s of %s in", run.ID, widget.Count(int64(len(o.Resolved))), records(len(sent))), ""
	if o.Load != 0 && len(o.Resolved) > 0 {
		text += fmt.Sprintf(" as load %d", o.Load)
	}
	if o.Refused > 0 {
		level = env.Warn
		text += fmt.Sprintf(", %s refused again", widget.Count(o.Refused))
		hint = "those are rejects of the new load now"
	}
	if o.State != "done" {
		level = env.Bad
		text = fmt.Sprintf("run %d %s: %s", run.ID, o.State, o.Err)
		hint = cmp.Or(o.Hint, s.env.Key("rejects.reingest", "R")+" takes in again what is not in; "+s.env.Key("go.runs", "2")+" shows the run")
		if len(o.Resolved) > 0 {
			text += fmt.Sprintf("; the %s are in", records(len(o.Resolved)))
		}
	}
	s.last, s.over = text, s.env.Now()
	toast := func() tea.Msg { return env.ToastMsg{Level: level, Text: text, Hint: hint} }
	return tea.Batch(s.reedit(), s.reload(), toast)
}

// export writes the records on show as a file that any editor mends.
func (s *Screen) export() tea.Cmd {
	write, export, f := s.env.Export, s.o.Export, s.filter()
	f.Limit = 0
	name := "rejects.csv"
	if f.Source != "" {
		name = "rejects-" + f.Source + "-" + f.Reason + ".csv"
	}
	return s.mending.Start(s.ctx, func(ctx context.Context) tea.Msg {
		var n int64
		path, err := write(name, func(w io.Writer) (err error) {
			n, err = export(ctx, f, w)
			return err
		})
		return exportedMsg{path, n, err}
	})
}

func (s *Screen) exported(msg exportedMsg) tea.Cmd {
	if msg.err != nil {
		return env.Failed("export the records", msg.err, "see whether the working folder can be written to; "+s.env.Key("rejects.export", "w")+" tries again")
	}
	return func() tea.Msg {
		return env.ToastMsg{
			Level: env.Good, Text: fmt.Sprintf("%s records are in %s", widget.Count(msg.records), msg.path),
			Hint: "mended, they go in with: " + s.env.Command("penstock --run rejects --reingest "+clean.Word(msg.path)),
		}
	}
}
