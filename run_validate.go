package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"penstock/pipeline"
	"penstock/pipeline/steps"
	"penstock/tui/clean"
	screen "penstock/tui/screen/rejects"
)

func validateTask() task {
	var o struct {
		samples int
		showPII bool
	}
	return task{
		name: "validate", group: groupData, short: "do all that ingest does but write",
		long: "Reads the files of the sources, checks every record against mapping, rules and contract, and says what would be\n" +
			"loaded and what refused. It needs no database. Exit code 3: a file breaks its contract or has more rejects than\n" +
			"max_rejects, or every record of all files is refused; 1: one cannot be read.",
		example: "penstock --run validate\npenstock --run validate --source web-shop --samples 50\npenstock --run validate --json",
		flags: func(fs *pflag.FlagSet) {
			fs.IntVar(&o.samples, "samples", pipeline.SamplesPerLoad, "show at most this many refused `records` of a file")
			fs.BoolVar(&o.showPII, "show-pii", false, "show records of sources with masked columns too")
		},
		run: func(ctx context.Context, a *app, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			return a.validate(ctx, o.samples, o.showPII)
		},
	}
}

// validated is the result for one file.
type validated struct {
	Kind     string         `json:"kind"`
	Source   string         `json:"source"`
	Name     string         `json:"name"`
	Path     string         `json:"path"`
	OK       bool           `json:"ok"`
	Bytes    int64          `json:"bytes"`
	Read     int64          `json:"read"`
	Accepted int64          `json:"accepted"`
	Rejected int64          `json:"rejected"`
	Reasons  []reasonCount  `json:"reasons"`
	Samples  []rejectedLine `json:"samples"`
	Warnings []string       `json:"warnings"`
	Error    string         `json:"error,omitempty"`
	Hint     string         `json:"hint,omitempty"`
}

type reasonCount struct {
	Reason string `json:"reason"`
	Column string `json:"column,omitempty"`
	Count  int64  `json:"count"`
}

type rejectedLine struct {
	Record     int64  `json:"record"`
	Line       int64  `json:"line"`
	ByteOffset int64  `json:"byte_offset"`
	Reason     string `json:"reason"`
	Column     string `json:"column,omitempty"`
	Detail     string `json:"detail,omitempty"`
	Raw        string `json:"raw,omitempty"`
}

func (a *app) validate(ctx context.Context, samples int, showPII bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	specs, err := a.specs(c, a.flags.sources)
	if err != nil {
		return err
	}
	if err := a.dataDir(c); err != nil {
		return err
	}
	files, gated, broken := 0, 0, 0
	var accepted, rejected int64
	hidden := false
	store := rejectStore{&runLedger{app: a, cfg: c}} // masks as the console does
	err = steps.Validate(ctx, steps.ValidateOptions{Sources: specs, Stdin: a.in, TempDir: c.DataDir, Samples: samples},
		func(v steps.Validated) error {
			files++
			accepted, rejected = accepted+v.Accepted, rejected+v.Rejected
			switch {
			case v.Gate:
				gated++
			case v.Err != nil:
				broken++
			}
			out, masked := newValidated(v, store, showPII)
			hidden = hidden || masked
			return a.showValidated(out)
		})
	if err != nil {
		return err
	}
	if hidden {
		a.say("note: personal columns are masked; --show-pii shows them")
	}
	switch {
	case broken > 0:
		return &codeError{code: codeFailed, err: fmt.Errorf("%d of %d files cannot be read", broken, files)}
	case gated > 0:
		return &codeError{code: codeGate, err: fmt.Errorf("%d of %d files would not be loaded", gated, files)}
	case accepted == 0 && rejected > 0:
		return &codeError{code: codeGate, err: &hinted{
			"every record would be refused: " + pipeline.FormatCount(rejected), "mend the mapping or the files; a reason that stands at all of them is of the mapping",
		}}
	}
	return nil
}

// newValidated is the answer for one file, and whether personal columns are masked in it; a record that cannot be
// parted into its fields is masked as a whole.
func newValidated(v steps.Validated, store rejectStore, showPII bool) (out validated, hidden bool) {
	out = validated{
		Kind: "validated", Source: v.Source, Name: v.Name, Path: v.Path, OK: v.Err == nil, Bytes: v.Bytes,
		Read: v.Read, Accepted: v.Accepted, Rejected: v.Rejected,
		Reasons: []reasonCount{}, Samples: []rejectedLine{}, Warnings: append([]string{}, v.Warnings...),
	}
	for _, r := range v.Reasons {
		out.Reasons = append(out.Reasons, reasonCount{r.Reason, r.Column, r.More})
	}
	for _, r := range v.Samples {
		shown := store.record(screen.Reject{Source: v.Source, Reason: r.Reason, Column: r.Column, Detail: r.Detail},
			r.Raw, written{header: v.Header, encoding: v.Encoding}, showPII, false)
		hidden = hidden || shown.Masked
		out.Samples = append(out.Samples, rejectedLine{
			r.Record, r.Line, r.ByteOffset, r.Reason, r.Column, shown.Detail, rawText([]byte(shown.Text)),
		})
	}
	if v.Err != nil {
		out.Error = v.Err.Error()
		var h interface{ Hint() string }
		if errors.As(v.Err, &h) {
			out.Hint = h.Hint()
		}
	}
	return out, hidden
}

func (a *app) showValidated(v validated) error {
	if a.flags.json {
		return a.emit(v)
	}
	var b strings.Builder
	verdict := "would be loaded"
	switch {
	case !v.OK:
		verdict = "would not be loaded: " + v.Error
	case v.Accepted == 0 && v.Rejected > 0:
		verdict = "nothing of it would be in"
	}
	fmt.Fprintf(&b, "%s %s: %s read, %s accepted, %s rejected, %s; %s\n", v.Source, v.Name, pipeline.FormatCount(v.Read),
		pipeline.FormatCount(v.Accepted), pipeline.FormatCount(v.Rejected), pipeline.FormatBytes(v.Bytes), verdict)
	if v.Hint != "" {
		fmt.Fprintf(&b, "  %s\n", v.Hint)
	}
	for _, w := range v.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	if _, err := fmt.Fprint(a.out, clean.Text(b.String())); err != nil {
		return err
	}
	reasons := printed{head: []string{"rejected", "reason", "column"}, right: []bool{true}}
	for _, r := range v.Reasons {
		reasons.row(pipeline.FormatCount(r.Count), r.Reason, r.Column)
	}
	lines := printed{head: []string{"line", "column", "reason", "detail", "record"}, right: []bool{true}, text: 3}
	for _, s := range v.Samples {
		lines.row(pipeline.FormatCount(s.Line), s.Column, s.Reason, s.Detail, s.Raw)
	}
	for _, p := range []*printed{&reasons, &lines} {
		if len(p.rows) > 0 {
			if err := p.write(a.out, "  "); err != nil {
				return err
			}
		}
	}
	return nil
}

// rawText is a record as text; bytes that are no UTF-8 are written as \xNN.
func rawText(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	var b strings.Builder
	for rest := raw; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			b.WriteString(`\x` + strconv.FormatUint(uint64(rest[0])|0x100, 16)[1:])
		} else {
			b.WriteRune(r)
		}
		rest = rest[n:]
	}
	return b.String()
}

// oneSource is the source that --source names, for tasks that are about one; empty when none is named.
func (a *app) oneSource() (string, error) {
	switch len(a.flags.sources) {
	case 0:
		return "", nil
	case 1:
		return a.flags.sources[0], nil
	}
	return "", usageError("this takes one source", "give --source once")
}
