package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// bulky makes chunks of files of any size tables of their own, small ones.
func (b *bench) bulky() *bench {
	b.o.BulkFrom, b.o.BulkChunk, b.o.ChunkBytes = 1, 20<<10, 4<<10
	return b
}

// leaves tells what tables there are under staging.purchases, and own ones that are not attached.
func (b *bench) leaves() string {
	b.t.Helper()
	return b.text(`
		SELECT coalesce(string_agg(name, ' ' ORDER BY name), '')
		FROM (SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'staging.purchases'::regclass
		      UNION ALL SELECT name || '?' FROM staging.own_leaves(0, 1000000) WHERE NOT attached) AS t`)
}

// told counts the rejects that events tell of.
func told(o outcome) (n int64) {
	for _, s := range of[pipeline.RejectSample](o) {
		n += max(1, s.More)
	}
	return n
}

// Files of every kind make the same rows, rejects, samples and counts whether their chunks share a table or
// are tables of their own.
func TestBothPathsMakeTheSame(t *testing.T) {
	body := shopLines(3000)
	wild := strings.NewReplacer("P7,", "\"P \"\"7\r\n, x\",", ",C3\n", ",C3\r\n", "P9,", "\n\nP9,", "P11,", "\"P11,").Replace(body)
	for _, c := range []struct {
		name, content string
		change        func(*source.Spec)
	}{
		{"plain", shopHeader + body, nil},
		{"no line end at the end", strings.TrimSuffix(shopHeader+body, "\n"), nil},
		{"blank lines at the end", shopHeader + body + strings.Repeat("\n", 9000), nil},
		{"quotes, breaks, blanks and quotes that do not close", shopHeader + wild, nil},
		{"a mark at its start", "\xef\xbb\xbf" + shopHeader + body, nil},
		{"a quote that never closes", shopHeader + body[:len(body)/2] + "\"" + body[len(body)/2:], nil},
		{"nothing but rejects", shopHeader + strings.Repeat("no,row\n", 12000), nil},
		{"latin-1", shopHeader + strings.ReplaceAll(body, "P1", "P\xfc"), func(s *source.Spec) { s.Format.Encoding = "latin-1" }},
		{"not utf-8", shopHeader + strings.ReplaceAll(body, "P13", "P\xfc"), nil},
		{"utf-16", wide(shopHeader + strings.ReplaceAll(body, "P13", "ü€")), nil},
		{"columns for extra", strings.ReplaceAll(shopHeader+body, "\n", ",more\n"), func(s *source.Spec) { s.Contract.New = "warn" }},
		{"lone CR", strings.ReplaceAll(shopHeader+body, "\n", "\r"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got [2]string
			for i := range got {
				b := newBench(t)
				b.o.ChunkBytes = 4 << 10
				if i == 1 {
					b.bulky()
				}
				spec := shopSpec(b.file("a.csv", c.content))
				if c.change != nil {
					c.change(spec)
				}
				b.o.hashAlong = [2]int64{1 << 40, 1}[i] // before it is loaded, and while
				o := b.ingest(spec)
				b.lawful()
				if leaves := b.leaves(); strings.Contains(leaves, "_1_") != (i == 1) || strings.Contains(leaves, "?") {
					t.Fatalf("leaves: %s", leaves)
				}
				if n := b.number("SELECT count(*) FROM staging.chunks"); i == 1 && n < 3 {
					t.Errorf("%d slabs", n)
				}
				if n := told(o); n != o.result.Rejected {
					t.Errorf("told of %d of %d rejects", n, o.result.Rejected)
				}
				samples := ""
				for _, s := range of[pipeline.RejectSample](o) {
					samples += fmt.Sprintln(s.Record, s.Line, s.Reason, s.Column, s.More, string(s.Raw))
				}
				got[i] = fmt.Sprint(b.visible(), o.result.Read, o.result.Loaded, o.result.Rejected, o.result.Bytes, samples,
					b.text("SELECT coalesce(md5(string_agg(r::text, E'\n' ORDER BY record)), '') FROM staging.rejects r"),
					b.text("SELECT encode(sha256, 'hex') || encode(file_sha256, 'hex') || state FROM staging.loads"))
			}
			if got[0] != got[1] {
				t.Errorf("shared:\n%s\nown:\n%s", got[0], got[1])
			}
		})
	}
}

// wide is text in UTF-16, little endian, of characters below U+10000.
func wide(text string) string {
	out := []byte("\xff\xfe")
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

// A run that is killed at any point of a slab goes on where it stood.
func TestSlabsAfterAKill(t *testing.T) {
	visible, rejects := expected(t)
	for _, c := range []struct {
		point string
		nth   int64
	}{
		{"ingest.leaf.after-make", 1},
		{"ingest.leaf.after-make", 6},
		{"ingest.copy.before", 13},
		{"ingest.copy.after", 9},
		{"ingest.chunk.before-commit", 5},
		{"ingest.chunk.after-commit", 1},
		{"ingest.chunk.after-commit", 7},
		{"ingest.leaf.before-attach", 1},
		{"ingest.leaf.after-attach", 1},
		{"ingest.load.before-commit", 1},
	} {
		t.Run(fmt.Sprintf("%s@%d", c.point, c.nth), func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			b.bulky()
			b.killed(spec, c.point, c.nth, true)
			if b.visible() != "0 0" || b.number("SELECT count(*) FROM staging.purchases") != 0 {
				t.Error("a load is seen before it is whole")
			}
			before := b.number("SELECT count(*) FROM staging.chunks")
			if n := b.number("SELECT count(*) FROM staging.own_leaves(0, 1000)"); n != before {
				t.Errorf("%d leaves of %d chunks", n, before)
			}
			var made atomic.Int64
			b.fail = func(p string) {
				if p == "ingest.leaf.after-make" {
					made.Add(1)
				}
			}
			o := b.ingest(spec)
			b.sameAs(visible, rejects)
			if total := b.number("SELECT count(*) FROM staging.chunks"); made.Load() != total-before {
				t.Errorf("%d slabs were there, %d of %d were sent again", before, made.Load(), total)
			}
			if started := of[pipeline.LoadStarted](o); len(started) != 1 || !started[0].Resumed {
				t.Errorf("told: %+v", started)
			}
		})
	}
}

// Sessions that end, answers that are lost: a slab is read from the file again, or known to be there.
func TestSlabsOverABadConnection(t *testing.T) {
	visible, rejects := expected(t)
	for _, point := range []string{"ingest.leaf.after-make", "ingest.copy.before", "ingest.chunk.before-commit", "ingest.chunk.after-commit", "ingest.leaf.after-attach"} {
		t.Run(point, func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			b.bulky()
			n := int64(4)
			if point == "ingest.leaf.after-attach" {
				n = 1
			}
			b.hook(point, n, b.terminate)
			o := b.ingest(spec)
			b.sameAs(visible, rejects)
			if told(o) != rejects || o.result.Read != 9000 || o.result.Rejected != rejects {
				t.Errorf("told of %d rejects, %+v", told(o), o.result)
			}
		})
	}
}

// A run takes no more connections than there are, and waiting for one is no sign of a dead server.
func TestSlabsWithOneConnection(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.bulky()
	one := b.pool.Config()
	one.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	b.o.Pool, b.o.Connections = pool, 0
	if o := b.o.withDefaults(); o.Connections != 1 {
		t.Errorf("%d connections of one", o.Connections)
	}
	// Three slabs want it; the last one waits for it longer than a server may take.
	b.o.Connections, b.o.Stall, b.o.Patience = 3, 2*time.Second, time.Millisecond
	var slow atomic.Int64
	b.fail = func(p string) {
		if p == "ingest.copy.before" && slow.Add(1) <= 3 {
			time.Sleep(1100 * time.Millisecond)
		}
	}
	b.ingest(spec)
	b.sameAs(visible, rejects)
}

// A reader that the connection left behind reads nothing any more; its own time is not the server's.
func TestReaderOfACopy(t *testing.T) {
	watch := newStallWatch(t.Context(), 20*time.Millisecond)
	defer watch.stop()
	slow := &slowReader{began: make(chan struct{}), goOn: make(chan struct{})}
	r := &stallReader{r: slow, w: watch}
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = r.Read(nil) })
	<-slow.began
	time.Sleep(100 * time.Millisecond)
	if err := context.Cause(watch.ctx); err != nil {
		t.Errorf("the source's time counts as the server's: %v", err)
	}
	closed := make(chan struct{})
	reading.Go(func() {
		r.close()
		close(closed)
	})
	select {
	case <-closed:
		t.Error("closed while it was read")
	case <-time.After(10 * time.Millisecond):
	}
	close(slow.goOn)
	reading.Wait()
	if _, err := r.Read(nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("read after it was closed: %v", err)
	}
	<-watch.ctx.Done()
	if err := context.Cause(watch.ctx); !errors.Is(err, errStalled) {
		t.Errorf("nobody read on: %v", err)
	}
}

// slowReader is in the middle of a read until it may go on.
type slowReader struct{ began, goOn chan struct{} }

func (r *slowReader) Read([]byte) (int, error) {
	close(r.began)
	<-r.goOn
	return 0, nil
}

// What is left of a load that did not make it: its rejects, and no table.
func TestSlabsOfALoadThatFails(t *testing.T) {
	visible, rejects := expected(t)
	for name, c := range map[string]struct {
		change func(*bench, *source.Spec, context.CancelFunc)
		state  string
	}{
		"too many rejects":          {func(_ *bench, s *source.Spec, _ context.CancelFunc) { s.MaxRejects = "20" }, "failed"},
		"too large a share of them": {func(_ *bench, s *source.Spec, _ context.CancelFunc) { s.MaxRejects = "0.1%" }, "failed"},
		"cancelled": {func(b *bench, _ *source.Spec, cancel context.CancelFunc) {
			b.hook("ingest.chunk.after-commit", 4, cancel)
		}, "stopped"},
		"changed while it is read": {func(b *bench, s *source.Spec, _ context.CancelFunc) {
			b.hook("ingest.chunk.after-commit", 2, func() { b.file(filepath.Base(s.Path), shopHeader+shopLines(9)) })
		}, "failed"},
		"removed while it is read": {func(b *bench, s *source.Spec, _ context.CancelFunc) {
			b.o.Patience = time.Hour // it is no server that could come back
			b.hook("ingest.chunk.after-commit", 2, func() {
				if err := os.Remove(s.Path); err != nil {
					t.Error(err)
				}
			})
		}, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			b.bulky()
			content, err := os.ReadFile(spec.Path)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.change(b, spec, cancel)
			o := b.o
			o.Sources = []*source.Spec{spec}
			if out := b.run(ctx, Ingest(o)); out.Err == nil {
				t.Fatal("the run was to fail")
			}
			b.lawful()
			if state := b.text("SELECT state FROM staging.loads"); state != c.state {
				t.Errorf("the load is %s", state)
			}
			if n := b.number("SELECT count(*) FROM staging.rejects"); n == 0 || name == "too many rejects" && n <= 20 {
				t.Errorf("%d rejects are kept", n)
			}
			if leaves := b.leaves(); leaves != "" {
				t.Errorf("leaves are left: %s", leaves)
			}
			b.fail = func(string) {}
			spec.MaxRejects = ""
			b.file(filepath.Base(spec.Path), string(content))
			b.ingest(spec)
			if name == "changed while it is read" {
				return // another identity; the one that failed keeps its rejects
			}
			b.sameAs(visible, rejects)
		})
	}
}

// Numbers of loads: a large one jumps behind a shared leaf, a small one gets what is free between large ones.
func TestNumbersOfLargeLoads(t *testing.T) {
	b := newBench(t)
	small := func(name string) {
		b.ingestAs(1<<40, name, shopHeader+shopLines(3)+name+",A,1,1,2024-01-01 10:00:00,x\n")
	}
	large := func(name string) {
		b.ingestAs(1, name, shopHeader+shopLines(1500)+name+",A,1,1,2024-01-01 10:00:00,x\n")
	}
	large("1")
	small("2")
	large("3")
	small("4")
	large("5")
	large("6")
	small("7")
	b.lawful()
	if got := b.text("SELECT string_agg(id || ' ' || loaded, ', ' ORDER BY id) FROM staging.loads"); got != "1 1501, 2 4, 64 1501, 65 4, 128 1501, 129 1501, 130 4" {
		t.Errorf("loads %s", got)
	}
	if got := b.text("SELECT string_agg(name || ' ' || low || ' ' || high, ', ' ORDER BY low) FROM staging.shared_leaves(0, 1000)"); got != "purchases_2 2 64, purchases_65 65 128, purchases_130 130 192" {
		t.Errorf("shared leaves %s", got)
	}
}

// ingestAs takes a file of that content in, as one that is large from that size on.
func (b *bench) ingestAs(from int64, name, content string) outcome {
	b.t.Helper()
	b.bulky().o.BulkFrom = from
	return b.ingest(shopSpec(b.file(name+".csv", content)))
}

// A large load goes out, comes back, goes out for good, and is read again.
func TestUndoAndExpireALargeLoad(t *testing.T) {
	b := newBench(t)
	b.ingestAs(1, "a", shopHeader+shopLines(3000))
	before, leaves := b.visible(), b.leaves()
	step := func(s pipeline.Step) {
		t.Helper()
		if o := b.run(t.Context(), s); o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	o := b.o
	o.Sources = []*source.Spec{shopSpec(filepath.Join(b.dir, "a.csv"))}
	step(UndoLoad(o, 1))
	if b.visible() != "0 0" || b.leaves() != leaves {
		t.Errorf("after undo: %s, %s", b.visible(), b.leaves())
	}
	step(ReloadLoad(o, 1))
	if b.visible() != before {
		t.Error("reload is another")
	}
	step(UndoLoad(o, 1))
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.loads SET finished_at = now() - interval '9 days'"); err != nil {
		t.Fatal(err)
	}
	// A reader in the way of the whole table keeps the leaves, not the rows.
	reader, err := pgx.Connect(t.Context(), b.db.URL("staging", "analyst"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Exec(t.Context(), "BEGIN; SELECT count(*) FROM staging.purchases"); err != nil {
		t.Fatal(err)
	}
	o.KeepRejects = 24 * 3600e9
	step(Ingest(o))
	if n := b.number("SELECT count(*) FROM staging.chunks") + b.number("SELECT count(*) FROM staging.purchases"); n != 0 || b.leaves() != leaves {
		t.Errorf("behind a reader: %d, %s", n, b.leaves())
	}
	if err := reader.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	step(Ingest(o))
	if b.leaves() != "" {
		t.Errorf("expired: %s", b.leaves())
	}
	step(ReloadLoad(o, 1))
	b.lawful()
	if b.visible() != before || b.leaves() != leaves {
		t.Errorf("read again: %s", b.leaves())
	}
}

// Half a large load that nothing can finish any more goes, as does one whose slabs do not fit any more.
func TestHalfALargeLoad(t *testing.T) {
	visible, rejects := expected(t)
	half := func(t *testing.T) (*bench, *source.Spec) {
		b := newBench(t)
		spec := b.manyChunks()
		b.bulky()
		b.hook("ingest.chunk.after-commit", 5, func() {
			if _, err := b.pool.Exec(context.Background(), "UPDATE staging.meta SET epoch = epoch + 1"); err != nil {
				t.Error(err)
			}
		})
		if o := b.try(spec); !errors.Is(o.Err, pipeline.ErrFenced) {
			t.Fatalf("error %v", o.Err)
		}
		b.fail = func(string) {}
		return b, spec
	}
	t.Run("its file is another", func(t *testing.T) {
		b, spec := half(t)
		b.file(filepath.Base(spec.Path), shopHeader+shopLines(10))
		b.o.BulkFrom = 1 << 40
		b.ingest(spec)
		b.lawful()
		if n := b.number("SELECT count(*) FROM staging.own_leaves(0, 1000)"); n != 0 {
			t.Errorf("%d leaves", n)
		}
	})
	t.Run("slabs of another size", func(t *testing.T) {
		b, spec := half(t)
		b.o.BulkChunk = 30 << 10
		b.ingest(spec)
		b.sameAs(visible, rejects)
	})
	t.Run("it is small now", func(t *testing.T) {
		b, spec := half(t)
		b.o.BulkFrom = 1 << 40
		b.ingest(spec)
		b.sameAs(visible, rejects)
		if leaves := b.leaves(); leaves != "staging.purchases_0" {
			t.Errorf("leaves: %s", leaves)
		}
	})
	t.Run("a small one comes first", func(t *testing.T) {
		b, spec := half(t)
		b.o.BulkFrom = 1 << 40
		b.ingest(&source.Spec{Name: "other", Path: b.file("other.csv", shopHeader+shopLines(3)), Columns: spec.Columns})
		b.bulky()
		b.ingest(spec)
		b.lawful()
		if n := b.number("SELECT rejected FROM staging.loads WHERE id = 1 AND state = 'loaded'"); n != rejects {
			t.Errorf("%d rejects", n)
		}
	})
}

// Chunks of small files go on as such when files of their size count as large meanwhile.
func TestHalfASmallLoadStaysSmall(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.killed(spec, "ingest.chunk.after-commit", 9, false)
	size := b.o.ChunkBytes
	b.bulky().o.ChunkBytes = size
	b.ingest(spec)
	b.sameAs(visible, rejects)
	if leaves := b.leaves(); leaves != "staging.purchases_0" {
		t.Errorf("leaves: %s", leaves)
	}
}

// Slabs that a crash of the server took back are sent again.
func TestSlabsTakenBackAreSentAgain(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.bulky()
	var once atomic.Bool
	b.fail = func(p string) {
		if p != "ingest.leaf.before-attach" && p != "ingest.chunk.after-commit" {
			return
		}
		if b.number("SELECT count(*) FROM staging.chunks") < 9 || !once.CompareAndSwap(false, true) {
			return
		}
		admin, err := pgx.Connect(context.Background(), b.db.URL("staging", "owner"))
		if err == nil {
			_, err = admin.Exec(context.Background(), `
				DROP TABLE staging.purchases_1_3;
				WITH gone AS (DELETE FROM staging.chunks WHERE n = 3 RETURNING record_from, record_from + read AS record_to)
				DELETE FROM staging.rejects r USING gone WHERE record >= record_from AND record < record_to`)
			err = errors.Join(err, admin.Close(context.Background()))
		}
		if err != nil {
			t.Error(err)
		}
	}
	o := b.ingest(spec)
	b.sameAs(visible, rejects)
	if told(o) != rejects || o.result.Read != 9000 {
		t.Errorf("told of %d rejects, %+v", told(o), o.result)
	}
}

func TestSlabSize(t *testing.T) {
	o := IngestOptions{}.withDefaults()
	const mib = 1 << 20
	for _, c := range []struct{ file, slabs int64 }{
		{64 * mib, 3}, {100 * mib, 3}, {478 * mib, 12}, {1024 * mib, 30}, {10 << 30, 63}, {20 << 30, 78},
	} {
		size := o.slabSize(c.file)
		if slabs := (c.file + size - 1) / size; slabs != c.slabs {
			t.Errorf("%d MiB: %d slabs of %d MiB, want %d", c.file/mib, slabs, size/mib, c.slabs)
		}
	}
}
