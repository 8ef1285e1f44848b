package steps

import (
	"errors"
	"os"
	"strings"
	"testing"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

func (b *bench) step(make func(IngestOptions) pipeline.Step, specs ...*source.Spec) outcome {
	b.t.Helper()
	o := b.o
	o.Sources = specs
	return b.run(b.t.Context(), make(o))
}

func (b *bench) undo(id int64, specs ...*source.Spec) outcome {
	b.t.Helper()
	return b.step(func(o IngestOptions) pipeline.Step { return UndoLoad(o, id) }, specs...)
}

func (b *bench) reload(id int64, specs ...*source.Spec) outcome {
	b.t.Helper()
	return b.step(func(o IngestOptions) pipeline.Step { return ReloadLoad(o, id) }, specs...)
}

func TestUndoAndReload(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+shopLines(30)+"bad,row\n"))
	b.ingest(spec)
	full := b.visible()
	other := shopSpec(b.file("b.csv", shopHeader+shopLines(60)))
	b.ingest(other)
	both := b.visible()

	o := b.undo(1, spec)
	if o.Err != nil || o.result.Discarded != 30 {
		t.Fatalf("undo: %v, %+v", o.Err, o.result)
	}
	if b.visible() == both || b.visible() == full {
		t.Error("the load is still seen")
	}
	if o := b.ingest(spec); len(of[pipeline.LoadSkipped](o)) != 1 || !strings.Contains(of[pipeline.LoadSkipped](o)[0].Reason, "loads reload 1") {
		t.Errorf("an undone load is taken in again: %+v", o.events)
	}
	if rejects, err := Rejects(t.Context(), b.pool, RejectFilter{}); err != nil || len(rejects) != 0 {
		t.Errorf("rejects of an undone load are open: %v, %v", rejects, err)
	}
	if o := b.undo(1, spec); o.result.Skipped == "" {
		t.Errorf("undone twice: %+v", o.result)
	}
	// It comes back without its file.
	if err := os.Remove(spec.Path); err != nil {
		t.Fatal(err)
	}
	if o := b.reload(1, spec); o.Err != nil || o.result.Loaded != 30 {
		t.Fatalf("reload: %v, %+v", o.Err, o.result)
	}
	if b.visible() != both {
		t.Error("undo and reload changed what is visible")
	}
	if o := b.reload(1, spec); o.result.Skipped == "" {
		t.Errorf("reloaded twice: %+v", o.result)
	}
	b.lawful()
}

func TestReloadReadsTheFileWhereRowsAreGone(t *testing.T) {
	b := newBench(t)
	content := shopHeader + shopLines(30) + "bad,row\n"
	spec := shopSpec(b.file("a.csv", content))
	b.ingest(spec)
	full := b.visible()
	b.undo(1, spec)
	if _, err := b.pool.Exec(t.Context(), "DELETE FROM staging.chunks; DELETE FROM staging.purchases"); err != nil {
		t.Fatal(err)
	}
	b.file("a.csv", content+"\n")
	if o := b.reload(1, spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("a changed file was reloaded: %v", o.Err)
	}
	if err := os.Remove(spec.Path); err != nil {
		t.Fatal(err)
	}
	if o := b.reload(1, spec); o.Err == nil || !strings.Contains(o.Err.Error(), "not there any more") {
		t.Errorf("an absent file was reloaded: %v", o.Err)
	}
	b.file("a.csv", content)
	if o := b.reload(1, spec); o.Err != nil || o.result.Loaded != 30 {
		t.Errorf("reload: %v, %+v", o.Err, o.result)
	}
	if b.visible() != full {
		t.Error("the reloaded load is another one")
	}
	b.lawful()
}

func TestUndoWhatIsNotLoaded(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+"bad,row\n"))
	spec.MaxRejects = "0"
	b.try(spec)
	if o := b.undo(1, spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("a failed load was undone: %v", o.Err)
	}
	if o := b.undo(99, spec); !errors.Is(o.Err, ErrNoLoad) || hintOf(o.Err) == "" {
		t.Errorf("no load: %v", o.Err)
	}
	if o := b.reload(1, spec); o.Err == nil || !strings.Contains(o.Err.Error(), "max_rejects") {
		t.Errorf("a load that is refused again: %v", o.Err)
	}
	spec.MaxRejects = "1"
	if o := b.reload(1, spec); o.Err != nil || o.result.Rejected != 1 {
		t.Errorf("a failed load that is tried again: %v, %+v", o.Err, o.result)
	}
}

// A new mapping of the same content replaces the old load, and going back to the old one is quick.
func TestNewMappingReplacesTheOldLoad(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+shopLines(30)+"1001,,3,9.99,2024-01-01 10:00:00,C1\n"))
	b.ingest(spec)
	before := b.visible()
	changed := *spec
	changed.Rules = map[string]source.Rule{"product_code": {Default: "none"}}
	o := b.ingest(&changed)
	if o.result.Loaded != 31 || len(of[pipeline.Warning](o)) != 1 {
		t.Errorf("%+v, %+v", o.result, of[pipeline.Warning](o))
	}
	if got := b.text("SELECT string_agg(format('%s %s', state, replaced_by), ' ' ORDER BY id) FROM staging.loads"); got != "undone 2 loaded " {
		t.Errorf("the loads are %s", got)
	}
	if b.visible() == before {
		t.Error("the new mapping is not seen")
	}
	b.ingest(spec)
	if b.visible() != before {
		t.Error("the old mapping is not back")
	}
	if got := b.text("SELECT string_agg(format('%s %s', state, replaced_by), ' ' ORDER BY id) FROM staging.loads"); got != "loaded  undone 1" {
		t.Errorf("the loads are %s", got)
	}
	b.lawful()
}

func TestLoadsList(t *testing.T) {
	b := newBench(t)
	b.ingest(shopSpec(b.file("a.csv", shopHeader+shopLines(3)+"bad,row\n")))
	b.ingest(shopSpec(b.file("b.csv", shopHeader+shopLines(4))))
	all, err := Loads(t.Context(), b.pool, LoadFilter{})
	if err != nil || len(all) != 2 || all[0].ID != 2 || all[1].Open != 1 || all[1].Read != 4 || all[1].Name != "a.csv" {
		t.Errorf("%+v, %v", all, err)
	}
	for f, want := range map[LoadFilter]int{{State: "loaded"}: 2, {State: "failed"}: 0, {Source: "shop"}: 2, {Source: "x"}: 0, {Limit: 1}: 1} {
		if got, err := Loads(t.Context(), b.pool, f); err != nil || len(got) != want {
			t.Errorf("%+v: %d loads, want %d (%v)", f, len(got), want, err)
		}
	}
	one, err := LoadByID(t.Context(), b.pool, 1)
	if err != nil || one.ID != 1 || one.State != "loaded" || one.FinishedAt.IsZero() || len(one.SHA256) != 32 {
		t.Errorf("%+v, %v", one, err)
	}
}
