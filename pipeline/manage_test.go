package pipeline

import (
	"fmt"
	"testing"
)

// TestNotablesForgetLoadsThatDidWell holds that a run over very many files is not kept in memory.
func TestNotablesForgetLoadsThatDidWell(t *testing.T) {
	var n notables
	for load := int64(1); load <= 3; load++ {
		n.add(LoadStarted{Load: load, Name: fmt.Sprint("good", load)})
		n.add(LoadFinished{Load: load})
	}
	if len(n.started) != 0 || len(n.list) != 0 {
		t.Errorf("of loads that did well these are kept: %v, %v", n.started, n.list)
	}
	n.add(LoadStarted{Load: 4, Name: "rejects"})
	n.add(LoadStarted{Load: 5, Name: "fails"})
	n.add(RejectSample{Load: 4})
	n.add(LoadFinished{Load: 4, Rejected: 1})
	n.add(LoadFinished{Load: 5, Err: "broken"})
	got := ""
	for _, e := range n.list {
		got += fmt.Sprintf("%T ", e)
	}
	const want = "pipeline.LoadStarted pipeline.RejectSample pipeline.LoadFinished pipeline.LoadStarted pipeline.LoadFinished "
	if got != want || len(n.started) != 0 {
		t.Errorf("%s, and kept %v\nwant %s", got, n.started, want)
	}
}
