package widget

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

func exportGrid() Grid {
	return NewTable(&env.Env{}, "x", "sales", salesColumns()...).withRows(someSales()).grid([]int{0, 2, 4, 5})
}

// withRows is SetRows without measuring, for tests of what goes out.
func (t *Table) withRows(rows Rows) *Table { t.rows = rows; return t }

func written(t *testing.T, g Grid, f Format) string {
	t.Helper()
	var b strings.Builder
	if err := g.Write(t.Context(), &b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportFormats(t *testing.T) {
	for f, want := range map[Format]string{
		TSV: "code\tdescription\tunits\trevenue GBP\tcountry\n" +
			"85123A\tWHITE HANGING HEART T-LIGHT HOLDER\t2370\t104462.75\tUnited Kingdom\n" +
			"POST\tPOSTAGE\t\t\tGermany\n" +
			"J1\t東京タワー 置物\t9\t-12.50\tJapan\n" +
			"EVIL\t␛[2Jcell    of␊lines <U+202E>\t10\t'=1+1\tCafé\n",
		Markdown: "| code | description | units | revenue GBP | country |\n" +
			"| --- | --- | --: | --: | --- |\n" +
			"| 85123A | WHITE HANGING HEART T-LIGHT HOLDER | 2370 | 104462.75 | United Kingdom |\n" +
			"| POST | POSTAGE |  |  | Germany |\n" +
			"| J1 | 東京タワー 置物 | 9 | -12.50 | Japan |\n" +
			"| EVIL | ␛[2Jcell    of␊lines <U+202E> | 10 | =1+1 | Café |\n",
	} {
		if got := written(t, exportGrid(), f); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", f, got, want)
		}
	}
}

func TestExportCSVKeepsBytesAndGuardsFormulas(t *testing.T) {
	records, err := csv.NewReader(strings.NewReader(written(t, exportGrid(), CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := records[4]; got[1] != "\x1b[2Jcell\tof\nlines \u202e" || got[3] != "'=1+1" {
		t.Errorf("record is %q", got)
	}
	if got := records[3][3]; got != "-12.50" {
		t.Errorf("a number was guarded: %q", got)
	}
	g := exportGrid()
	g.KeepBytes = true
	if got := written(t, g, CSV); strings.Contains(got, "'=1+1") {
		t.Error("guarded although it was to be left")
	}
}

func TestExportJSON(t *testing.T) {
	var list []map[string]any
	dec := json.NewDecoder(strings.NewReader(written(t, exportGrid(), JSON)))
	dec.UseNumber()
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	if list[0]["units"] != json.Number("2370") || list[0]["revenue GBP"] != json.Number("104462.75") {
		t.Errorf("numbers: %v", list[0])
	}
	if v, ok := list[1]["units"]; !ok || v != nil {
		t.Errorf("a missing number is %v", v)
	}
	if list[3]["revenue GBP"] != "=1+1" || list[3]["description"] != "\x1b[2Jcell\tof\nlines \u202e" {
		t.Errorf("text: %v", list[3])
	}
	g := exportGrid()
	g.Len = 0
	if got := written(t, g, JSON); got != "[]\n" {
		t.Errorf("nothing is %q", got)
	}
}

func TestExportStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range []Format{CSV, TSV, JSON, Markdown} {
		if err := exportGrid().Write(ctx, io.Discard, f); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", f, err)
		}
		if err := exportGrid().Write(t.Context(), broken{}, f); err == nil {
			t.Errorf("%s: a full disk is no error", f)
		}
	}
	if err := exportGrid().Write(t.Context(), io.Discard, "xls"); err == nil {
		t.Error("an unknown format is no error")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestExportFile(t *testing.T) {
	dir := t.TempDir()
	e := quiet(t)
	e.Export = ExportTo(dir)
	table := salesTable(t, e)
	open, ok := press(t, table, "e")().(env.OpenMsg)
	if !ok {
		t.Fatal("no menu")
	}
	for n, want := range []string{"sales-20261122-120000.csv", "sales-20261122-120000-2.csv"} {
		cmd, done := open.Modal.Update(tuitest.Key("enter"))
		toast, ok := cmd().(env.ToastMsg)
		if !ok || !done || toast.Level != env.Good || !strings.HasSuffix(toast.Text, "6 rows written to "+filepath.Join(dir, want)) {
			t.Fatalf("export %d: %+v", n, toast)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("files are %v, %v", files, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "sales-20261122-120000.csv"))
	if err != nil || strings.Count(string(b), "\n") != 8 { // a cell holds a line break
		t.Errorf("file is %q, %v", b, err)
	}
}

func TestExportFileThatFails(t *testing.T) {
	dir := t.TempDir()
	path, err := ExportTo(dir)("x.csv", func(io.Writer) error { return errors.New("no more") })
	if err == nil || path != "" || !strings.Contains(err.Error(), "x.csv") {
		t.Errorf("%q, %v", path, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	if _, err := ExportTo(filepath.Join(dir, "none"))("x", func(io.Writer) error { return nil }); err == nil {
		t.Error("a folder that is not there is no error")
	}
	table := salesTable(t, quiet(t)) // no Export
	open, ok := press(t, table, "e")().(env.OpenMsg)
	if !ok {
		t.Fatal("no menu")
	}
	if cmd, done := open.Modal.Update(tuitest.Key("enter")); cmd != nil || done {
		t.Error("writes a file in a session without files")
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"sales.csv": "sales.csv", "../../etc/passwd": "etc-passwd", "a b\x1b[2J": "a-b--2J", "": "export", "...": "export",
		strings.Repeat("x", 200) + ".csv": strings.Repeat("x", 96) + ".csv",
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCopies(t *testing.T) {
	e := quiet(t)
	copied := ""
	e.Clipboard = recorder(&copied)
	table := salesTable(t, e)
	press(t, table, "l", "l", "l", "y")
	if copied != "104462.75" {
		t.Errorf("cell: %q", copied)
	}
	press(t, table, "Y")
	if copied != "code\tdescription\tunits\trevenue GBP\tcountry\n85123A\tWHITE HANGING HEART T-LIGHT HOLDER\t2370\t104462.75\tUnited Kingdom\n" {
		t.Errorf("row: %q", copied)
	}
	press(t, table, "s", "g", "t", "G", "t", "Y") // greatest revenue first
	if lines := strings.Split(copied, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "22423\t") || !strings.HasPrefix(lines[2], "POST\t") {
		t.Errorf("marked rows: %q", copied)
	}
	big := bigTable(t, 500_000)
	copied = ""
	big.env.Clipboard = recorder(&copied)
	open, ok := press(t, big, "e")().(env.OpenMsg)
	if !ok {
		t.Fatal("no menu")
	}
	for range 5 {
		_, _ = open.Modal.Update(tuitest.Key("down"))
	}
	cmd, _ := open.Modal.Update(tuitest.Key("enter"))
	if cmd == nil {
		t.Fatal("nothing happened")
	}
	if toast, ok := cmd().(env.ToastMsg); !ok || toast.Level != env.Warn || copied != "" {
		t.Errorf("half a million rows: %+v, %d bytes copied", toast, len(copied))
	}
}

// TestWhatGoesOut leaves out columns that only draw what another says, and writes money as money.
func TestWhatGoesOut(t *testing.T) {
	draw := func(int, string, int) string { return "####" }
	table := NewTable(quiet(t), "x", "sales",
		Column{Title: "code"}, Column{Title: "gross GBP", Number: true, Format: Money, Places: 2}, Column{Draw: draw, Width: 4}, Column{Title: "trend", Draw: draw, Width: 4})
	table.SetRows(outRows{})
	if got, want := written(t, table.grid([]int{0, 1, 2, 3, 4}), CSV), "code,gross GBP,trend\na,172.80,x\nb,-3.00,x\nc,0.125,x\nd,,x\ne,n/a,x\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if len(table.shown()) != 4 {
		t.Error("a column went from the table")
	}
}

type outRows struct{}

func (outRows) Len() int { return 5 }
func (outRows) Cell(row, col int) string {
	return [][]string{{"a", "172.8", "0.5", "x"}, {"b", "-3", "", "x"}, {"c", "0.125", "", "x"}, {"d", "", "", "x"}, {"e", "n/a", "", "x"}}[row][col]
}
