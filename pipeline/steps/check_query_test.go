package steps

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"penstock/sql"
)

func TestReadChecks(t *testing.T) {
	checks, err := readChecks(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(checks) != len(sql.Names("check")) {
		t.Fatalf("got %d checks", len(checks))
	}
	head := "-- name: %\n-- severity: warn\n-- database: analytics\n-- description: d\nSELECT 1;\n"
	own := fstest.MapFS{"a.sql": {Data: []byte(strings.Replace(head, "%", "mine", 1))}, "notes.txt": {Data: []byte("not a check")}}
	more, err := readChecks(own)
	if err != nil {
		t.Fatal(err)
	}
	if last := more[len(more)-1]; len(more) != len(checks)+1 || last.name != "mine" || strings.Contains(last.text, ";") {
		t.Errorf("got %+v", last)
	}
	for name, text := range map[string]string{
		"no name":           strings.Replace(head, "-- name: %\n", "", 1),
		"a name of ours":    strings.Replace(head, "%", checks[0].name, 1),
		"severity":          strings.Replace(strings.Replace(head, "%", "x", 1), "warn", "fatal", 1),
		"database":          strings.Replace(strings.Replace(head, "%", "x", 1), "analytics", "lake", 1),
		"no description":    strings.Replace(strings.Replace(head, "%", "x", 1), "-- description: d\n", "", 1),
		"a head after text": "SELECT 1\n" + strings.Replace(head, "%", "x", 1),
	} {
		var bad *checkError
		if _, err := readChecks(fstest.MapFS{"own.sql": {Data: []byte(text)}}); !errors.As(err, &bad) || bad.file != "own.sql" || bad.Hint() == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
