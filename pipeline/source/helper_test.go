package source

import (
	"context"
	"io"
	"testing"
)

// fromFile ingests the one file that s.Path names, through Open.
func fromFile(t testing.TB, s *Spec, o ingestOptions) taken {
	t.Helper()
	files, err := Expand(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := Open(context.Background(), files[0], Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	out, err := ingest(t, s, text, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
