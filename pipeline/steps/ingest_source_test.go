package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

func TestFilesThatCannotBeRead(t *testing.T) {
	content := shopHeader + shopLines(2000)
	packed := zip(t, content)
	for name, file := range map[string]func(b *bench) string{
		"absent":        func(b *bench) string { return filepath.Join(b.dir, "absent.csv") },
		"no match":      func(b *bench) string { return filepath.Join(b.dir, "*.csv.gz") },
		"empty folder":  func(b *bench) string { return b.t.TempDir() },
		"empty":         func(b *bench) string { return b.file("a.csv", "") },
		"truncated":     func(b *bench) string { return b.file("a.csv.gz", packed[:len(packed)/2]) },
		"packed twice":  func(b *bench) string { return b.file("a.csv.gz", zip(b.t, packed)) },
		"an archive":    func(b *bench) string { return b.file("a.zip", "PK\x03\x04rest of it") },
		"binary header": func(b *bench) string { return b.file("a.csv", "\x00\x01\xff\xfe,b\n1,2\n") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			spec := shopSpec(file(b))
			o := b.try(spec)
			if o.Err == nil || !strings.Contains(o.Err.Error(), "source shop") {
				t.Errorf("error %v", o.Err)
			}
			if n := b.number("SELECT count(*) FROM staging.loads WHERE state <> 'failed'") + b.number("SELECT count(*) FROM staging.purchases"); n != 0 {
				t.Errorf("%d loads and rows", n)
			}
			// Where it is optional, the others are taken in all the same.
			no := false
			spec.Required = &no
			good := shopSpec(b.file("in/good.csv", content))
			good.Name = "good"
			o = b.ingest(spec, good)
			if o.ExitCode != pipeline.ExitIncomplete || o.result.Loaded != 2000 || len(of[pipeline.Warning](o)) != 1 {
				t.Errorf("exit code %d, %+v, warnings %+v", o.ExitCode, o.result, of[pipeline.Warning](o))
			}
		})
	}
}

// A failing file of an optional source keeps the others of that source from nothing.
func TestOptionalSourceTakesTheGoodFiles(t *testing.T) {
	b := newBench(t)
	b.file("in/a.csv", shopHeader+strings.Repeat("bad,row\n", 9))
	b.file("in/b.csv", shopHeader+shopLines(20))
	spec := shopSpec(filepath.Join(b.dir, "in"))
	spec.MaxRejects = "10%"
	no := false
	spec.Required = &no
	o := b.ingest(spec)
	if !o.result.Incomplete || o.result.Loaded != 20 {
		t.Errorf("%+v", o.result)
	}
	if got := b.text("SELECT string_agg(state, ' ' ORDER BY id) FROM staging.loads"); got != "failed loaded" {
		t.Errorf("the loads are %s", got)
	}
	b.lawful()
}

func TestOnlyTheNamedSources(t *testing.T) {
	b := newBench(t)
	one, two := shopSpec(b.file("a.csv", shopHeader+shopLines(3))), shopSpec(b.file("b.csv", shopHeader+shopLines(4)))
	two.Name = "two"
	b.o.Sources = []*source.Spec{one, two}
	if o := b.run(t.Context(), Ingest(b.o), "two"); o.Err != nil || o.result.Loaded != 4 {
		t.Errorf("%v, %+v", o.Err, o.result)
	}
	if o := b.run(t.Context(), Ingest(b.o), "three"); o.Err == nil || !strings.Contains(hintOf(o.Err), "shop, two") {
		t.Errorf("%v (%s)", o.Err, hintOf(o.Err))
	}
}

func TestOneRunAtATime(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	var second error
	b.hook("ingest.chunk.after-commit", 5, func() {
		o := b.o
		o.Sources = []*source.Spec{spec}
		_, second = b.ledger.Execute(context.Background(), pipeline.Plan{Steps: []pipeline.Step{Ingest(o)}})
	})
	b.ingest(spec)
	if !errors.Is(second, pipeline.ErrLocked) || !strings.Contains(second.Error(), "run 1") {
		t.Errorf("the second run: %v", second)
	}
}

// A file that grows while it is read is no load.
func TestFileChangesWhileItIsRead(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	b.hook("ingest.chunk.after-commit", 5, func() {
		f, err := os.OpenFile(spec.Path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = io.WriteString(f, shopLines(1))
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Error(err)
		}
	})
	o := b.try(spec)
	if !errors.Is(o.Err, source.ErrChanged) || hintOf(o.Err) == "" {
		t.Errorf("error %v", o.Err)
	}
	if n := b.number("SELECT count(*) FROM staging.purchases"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	b.lawful()
	b.fail = func(string) {}
	if o := b.ingest(spec); o.result.Read != 9001 {
		t.Errorf("%+v", o.result)
	}
}

// Standard input, however long, goes through a file and not through memory.
func TestStdinIsNotHeldInMemory(t *testing.T) {
	b := newBench(t)
	block := shopLines(1000)
	const blocks = 4000 // 150 MiB
	readers := []io.Reader{strings.NewReader(shopHeader)}
	for range blocks {
		readers = append(readers, strings.NewReader(block))
	}
	var peak atomic.Uint64
	b.fail = func(point string) {
		if point != "ingest.copy.after" {
			return
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak.Store(max(peak.Load(), m.HeapInuse))
	}
	b.o.Stdin = io.MultiReader(readers...)
	o := b.ingest(shopSpec("-"))
	if o.result.Loaded != blocks*1000 || o.result.Bytes < 140<<20 {
		t.Errorf("%+v", o.result)
	}
	if peak.Load() > 100<<20 {
		t.Errorf("%d MiB of memory for %d MiB", peak.Load()>>20, o.result.Bytes>>20)
	}
	b.lawful()
}

func TestProgressReachesTheEnd(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	b.o.Sources = []*source.Spec{spec}
	x, err := b.ledger.Start(t.Context(), pipeline.Plan{Steps: []pipeline.Step{Ingest(b.o)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Wait(); err != nil {
		t.Fatal(err)
	}
	p, ok := x.CurrentProgress()
	info, err := os.Stat(spec.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !ok || p.Done != info.Size() || p.Total != info.Size() || p.Read != 9000 || len(p.Loads) != 1 ||
		p.Loads[0].State != "loaded" || p.Loads[0].Done != info.Size() || p.Phase != "load" {
		t.Errorf("%+v", p)
	}
}

func TestRejectLimit(t *testing.T) {
	for _, bad := range []string{"x", "-1", "1.5", "101%", "-1%", "%", "1e400%"} {
		if _, err := parseRejectLimit(bad); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
	for _, c := range []struct {
		limit          string
		read, rejected int64
		ok             bool
	}{
		{"1%", 100, 1, true},
		{"1%", 99, 1, false},
		{"0.1%", 1000, 1, true},
		{"0.1%", 999, 1, false},
		{"100%", 5, 5, true},
		{"3", 9, 3, true},
		{"3", 9, 4, false},
		{"", 9, 9, true},
		{"1%", 0, 0, true},
		{"33.3333333333%", 3, 1, false},
	} {
		l, err := parseRejectLimit(c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.final(counts{Read: c.read, Rejected: c.rejected}); (err == nil) != c.ok {
			t.Errorf("%s, %d of %d: %v", c.limit, c.rejected, c.read, err)
		}
	}
}

func TestValidate(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	validate := func(spec *source.Spec, stdin io.Reader) []Validated {
		t.Helper()
		var all []Validated
		err := Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{spec}, Stdin: stdin, TempDir: dir, Samples: 3}, func(v Validated) error {
			all = append(all, v)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	content := shopHeader + shopLines(95) + strings.Repeat("bad,row\n", 4) + badQty
	spec := shopSpec(write("a.csv", content))
	v := validate(spec, nil)[0]
	if v.Err != nil || v.Read != 100 || v.Accepted != 95 || v.Rejected != 5 || v.Bytes != int64(len(content)) {
		t.Errorf("%+v", v)
	}
	if len(v.Samples) != 3 || v.Samples[0].Line != 97 || len(v.Reasons) != 2 || v.Reasons[0].More != 4 {
		t.Errorf("samples %+v, reasons %+v", v.Samples, v.Reasons)
	}
	if v := validate(shopSpec("-"), strings.NewReader(content))[0]; v.Read != 100 || v.Name != "stdin" {
		t.Errorf("standard input: %+v", v)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*spool*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	spec.MaxRejects = "4%"
	if v := validate(spec, nil)[0]; v.Err == nil || !v.Gate || hintOf(v.Err) == "" {
		t.Errorf("too many rejects: %+v", v)
	}
	spec.Path = write("b.csv", strings.Replace(content, "customer", "client", 1))
	if v := validate(spec, nil)[0]; !errors.Is(v.Err, source.ErrContract) || !v.Gate || len(v.Warnings) != 1 || !strings.Contains(v.Err.Error(), `"customer"`) {
		t.Errorf("the contract: %+v", v)
	}
	spec.Path = write("c.csv.gz", "\x1f\x8b broken")
	if v := validate(spec, nil)[0]; v.Err == nil || v.Gate {
		t.Errorf("a broken file: %+v", v)
	}
	spec.Path = filepath.Join(dir, "absent.csv")
	if err := Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{spec}}, nil); !errors.Is(err, source.ErrNoFiles) {
		t.Errorf("an absent file: %v", err)
	}
}

// What validate says is what ingest does.
func TestValidateAgreesWithIngest(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	o := b.ingest(spec)
	err := Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{spec}, TempDir: b.dir}, func(v Validated) error {
		if v.Read != o.result.Read || v.Accepted != o.result.Loaded || v.Rejected != o.result.Rejected {
			return fmt.Errorf("%+v, ingest %+v", v, o.result)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
