package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/tui/clean"
)

func initTask() task {
	var o struct {
		from []string
		show bool
	}
	return task{
		name: "init", group: groupTools, args: "[--from FILE ...]", short: "write a commented penstock.yaml, from real files if you name some",
		long: "Writes penstock.yaml into the working folder, every key with its default and what it means. With --from it also\n" +
			"looks into the files, guesses how they are written and what their columns mean, and says how sure it is of each\n" +
			"guess. Files with different headers become different sources, or order headers that belong to order lines.",
		example: "penstock init\npenstock init --from data/*.csv.gz\npenstock init --from order-lines.csv orders.csv --print",
		flags: func(f *pflag.FlagSet) {
			f.StringArrayVar(&o.from, "from", nil, "describe this `file`, pattern or folder; more may follow")
			f.BoolVar(&o.show, "print", false, "write to the standard output instead of a file")
		},
		run: func(ctx context.Context, a *app, args []string) error {
			if len(o.from) == 0 && len(args) > 0 {
				return usageError(fmt.Sprintf("nothing is known to do with %q", args[0]), "penstock init --from "+strings.Join(args, " "))
			}
			return a.initialise(ctx, append(o.from, args...), o.show)
		},
	}
}

// initialise writes the configuration, described from files if there are any.
func (a *app) initialise(ctx context.Context, from []string, show bool) error {
	name := cmp.Or(a.flags.config, filepath.Join(a.workdir, config.FileName))
	if _, err := os.Stat(name); err == nil && !show && !a.flags.yes {
		return usageError(name+" is there already", "look with --print, replace it with --yes")
	}
	text := config.Example()
	var guesses []config.Guessed
	if len(from) > 0 {
		var err error
		if guesses, err = a.guess(ctx, from, filepath.Dir(name)); err != nil {
			return err
		}
		if text, err = config.RenderSources(guesses); err != nil {
			return err
		}
	}
	if show {
		_, err := a.out.Write(text)
		return err
	}
	if err := replaceFile(name, text); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	a.say("wrote %s", name)
	a.flags.config = name
	if len(guesses) > 0 {
		var sources []string
		for _, g := range guesses {
			sources = append(sources, g.Spec.Name)
		}
		a.say("named in it: %s; loads are known by these names, so change them before the first run or not at all", strings.Join(sources, ", "))
	}
	if _, err := a.config(); err != nil {
		a.say("before the first run, mend in it:")
		return err
	}
	if len(guesses) > 0 {
		a.say("next: set in it what is \"to be set\" (timezone), then penstock --run validate tries it without loading anything")
		return nil
	}
	a.say("next: penstock --run")
	return nil
}

// guess infers sources from files: one for each header, paths relative to the configuration's folder.
func (a *app) guess(ctx context.Context, from []string, dir string) ([]config.Guessed, error) {
	groups, err := byHeader(ctx, from)
	if err != nil {
		return nil, err
	}
	var guesses []config.Guessed
	looked := map[string]string{} // by path
	var strange []string
	for _, files := range groups {
		g, err := source.Infer(ctx, files, source.InferOptions{})
		if err != nil {
			return nil, err
		}
		heading := fmt.Sprintf("%s: looked at %s records of %s", g.Spec.Path, pipeline.FormatCount(g.Records), countFiles(len(files)))
		if len(g.Spec.Columns) == 0 {
			a.say("%s: no column looks like one of a purchase; left out", heading)
			strange = append(strange, g.Header...)
			continue
		}
		settle(&g.Spec, len(files) > 1, a.workdir, dir)
		looked[g.Spec.Path] = heading
		guesses = append(guesses, config.Guessed{Spec: g.Spec, Notes: g.Notes})
	}
	if len(guesses) == 0 {
		return nil, usageError("there is nothing to describe: no column looks like one of a purchase: "+strings.Join(strange[:min(len(strange), 20)], ", "),
			"a purchase has an invoice, a product, a quantity, a price and a time; penstock init without --from writes a file in which to map them by hand")
	}
	guesses = a.onlyPurchases(joinHeaders(guesses), looked)
	for _, g := range guesses {
		a.say("%s", looked[g.Spec.Path])
		for _, l := range g.Spec.Lookup {
			a.say("%s, for what the lines lack", looked[l.Path])
		}
		if err := a.showGuess(g); err != nil {
			return nil, err
		}
	}
	return guesses, nil
}

// onlyPurchases leaves out what has neither invoices nor quantities, such as a list of customers, beside a source
// that can be loaded as it is.
func (a *app) onlyPurchases(guesses []config.Guessed, looked map[string]string) []config.Guessed {
	whole := func(g config.Guessed) bool { return len(g.Spec.Validate()) == 0 }
	if !slices.ContainsFunc(guesses, whole) {
		return guesses
	}
	return slices.DeleteFunc(guesses, func(g config.Guessed) bool {
		no := g.Spec.Columns["invoice_no"].Column == "" && g.Spec.Columns["quantity"].Column == "" && !whole(g)
		if no {
			a.say("%s: neither invoices nor quantities; left out", looked[g.Spec.Path])
		}
		return no
	})
}

// settle gives a guessed source what its files do not say: the name of its folder where there are many,
// a path as the configuration has it, and a time zone to be looked at.
func settle(s *source.Spec, many bool, workdir, dir string) {
	if !filepath.IsAbs(s.Path) {
		s.Path = filepath.Join(workdir, s.Path)
	}
	if many {
		named := *s
		named.Name = strings.ToLower(filepath.Base(filepath.Dir(s.Path)))
		if len(named.Validate()) <= len(s.Validate()) {
			*s = named
		}
	}
	if rel, err := filepath.Rel(dir, s.Path); err == nil && !strings.HasPrefix(rel, "..") {
		s.Path = rel
	}
	s.Timezone = cmp.Or(s.Timezone, "UTC")
}

func countFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return pipeline.FormatCount(int64(n)) + " files"
}

// byHeader groups the files that begin with the same header.
func byHeader(ctx context.Context, from []string) ([][]source.File, error) {
	var groups [][]source.File
	var headers [][]string
	for _, path := range from {
		files, err := source.Expand(path)
		if err != nil {
			return nil, &codeError{code: codeUsage, err: err}
		}
		for _, f := range files {
			g, err := source.Infer(ctx, []source.File{f}, source.InferOptions{SampleBytes: 64 << 10})
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(headers, func(h []string) bool { return slices.Equal(h, g.Header) })
			if i < 0 {
				i = len(headers)
				headers, groups = append(headers, g.Header), append(groups, nil)
			}
			groups[i] = append(groups[i], f)
		}
	}
	return groups, nil
}

// joinHeaders turns a source that knows only of invoices into a lookup of one that has their lines.
func joinHeaders(guesses []config.Guessed) []config.Guessed {
	for i := range guesses {
		lines := &guesses[i]
		key := lines.Spec.Columns["invoice_no"].Column
		if len(lines.Spec.Validate()) == 0 || key == "" || !holdsLines(lines.Spec) {
			continue
		}
		for j, heads := range guesses {
			look, ok := asLookup(lines.Spec, heads.Spec)
			if j == i || !ok || holdsLines(heads.Spec) {
				continue
			}
			joined := lines.Spec
			joined.Lookup = []source.Lookup{look}
			if len(joined.Validate()) > 0 {
				continue
			}
			personal := slices.DeleteFunc(slices.Clone(heads.Spec.PII), func(name string) bool { return look.Columns[name].Column == "" })
			joined.PII = append(joined.PII, personal...)
			lines.Spec = joined
			lines.Notes = slices.DeleteFunc(lines.Notes, func(n source.Note) bool {
				return len(n.Path) == 2 && n.Path[0] == "columns" && look.Columns[n.Path[1]].Column != ""
			})
			lines.Notes = append(lines.Notes, source.Note{
				Path: []string{"lookup"}, Value: look.Path, Confidence: 0.7,
				Reason: fmt.Sprintf("it has what %s lacks, and invoices in %s", lines.Spec.Path, look.Key[key]),
			})
			for _, n := range heads.Notes {
				if len(n.Path) == 1 && n.Path[0] == source.RefusedNote {
					n.Reason = look.Path + ": " + n.Reason
					lines.Notes = append(lines.Notes, n)
				}
				if len(n.Path) == 2 && n.Path[0] == "pii" && slices.Contains(personal, n.Path[1]) {
					lines.Notes = append(lines.Notes, n)
				}
			}
			return slices.Delete(guesses, j, j+1)
		}
	}
	return guesses
}

// holdsLines tells the lines of invoices, of which an invoice has many, from their headers: a key that
// stands for several records of a lookup file finds none.
func holdsLines(s source.Spec) bool {
	return s.Columns["quantity"].Column != "" || s.Columns["product_code"].Column != ""
}

// asLookup is what a file of order headers adds to the lines of a source.
func asLookup(lines, heads source.Spec) (source.Lookup, bool) {
	look := source.Lookup{
		Path: heads.Path, Format: heads.Format, Columns: map[string]source.Column{},
		Key: map[string]string{lines.Columns["invoice_no"].Column: heads.Columns["invoice_no"].Column},
	}
	for name, column := range heads.Columns {
		if _, has := lines.Columns[name]; !has {
			look.Columns[name] = column
		}
	}
	return look, heads.Columns["invoice_no"].Column != "" && len(look.Columns) > 0
}

// showGuess says what was guessed, the least sure first, behind what would be refused.
func (a *app) showGuess(g config.Guessed) error {
	notes := slices.Clone(g.Notes)
	order := func(n source.Note) float64 {
		if n.Path[0] == source.RefusedNote {
			return -1
		}
		return n.Confidence
	}
	slices.SortStableFunc(notes, func(x, y source.Note) int { return cmp.Compare(order(x), order(y)) })
	for _, n := range notes {
		key := strings.Join(n.Path, ".")
		if a.flags.json {
			if err := a.emit(struct {
				Source      string  `json:"source"`
				Key         string  `json:"key"`
				Value       string  `json:"value"`
				Confidence  float64 `json:"confidence"`
				Reason      string  `json:"reason"`
				Alternative string  `json:"alternative,omitempty"`
			}{g.Spec.Name, key, n.Value, n.Confidence, n.Reason, n.Alternative}); err != nil {
				return err
			}
			continue
		}
		sure := fmt.Sprintf("%3.0f %%", n.Confidence*100)
		switch {
		case key == source.RefusedNote:
			sure, key = "  !  ", "refused"
		case n.Confidence == 0:
			sure = "  ?  "
		}
		var line bytes.Buffer
		fmt.Fprintf(&line, "  %s  %-22s %-22s %s", sure, key, clean.Line(n.Value), clean.Line(n.Reason))
		if n.Alternative != "" {
			fmt.Fprintf(&line, " (or %s)", clean.Line(n.Alternative))
		}
		a.say("%s", line.String())
	}
	return nil
}
