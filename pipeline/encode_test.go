package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// everyEvent returns one of each kind, every field set.
func everyEvent() []Event {
	return []Event{
		RunStarted{Tasks: []string{"ingest", "check"}, Host: "box", PID: 7, Who: "ann", Version: "1.2", Rebuild: true},
		StepStarted{Step: Ingest, Engine: "go"},
		LoadStarted{Load: 3, Source: "shop", Entity: "purchases", Name: "a.csv", Bytes: 1234567, Resumed: true},
		LoadFinished{
			Load: 3, Source: "shop", Name: "a.csv", State: "stopped", Read: 1000, Loaded: 900, Rejected: 90,
			Discarded: 10, Bytes: 45600000, Took: 3200 * time.Millisecond, Err: "too many rejects", Hint: "mend the file",
		},
		LoadSkipped{Load: 2, Source: "shop", Name: "b.csv", Reason: "loaded before as load 2"},
		Warning{Step: Transform, Source: "shop", Message: "a new column", Hint: "map it"},
		RejectSample{
			Load: 3, Source: "shop", Name: "a.csv", Record: 5, Line: 40112, ByteOffset: 99, Reason: "not_a_number",
			Column: "quantity", Detail: `"1.2.3"`, Raw: []byte{0, 255, 'a'}, More: 12,
		},
		StepFinished{
			Step: Ingest, Engine: "go", Read: 10, Loaded: 6, Rejected: 2, Collapsed: 1, Discarded: 1, Bytes: 100,
			Took: time.Second, Incomplete: true, Gate: true,
		},
		StepSkipped{Step: Publish, Engine: "folder", Reason: "nothing new"},
		StepFailed{Step: Aggregate, Engine: "sql", Err: "no space", Hint: "make some", Took: time.Minute, Cancelled: true},
		CheckFailed{Check: "no_orphans", Severity: "error", Found: 4, Message: "lines without a product"},
		RunFinished{Status: Failed, ExitCode: 1, Err: "no space", Hint: "make some", Took: time.Hour},
	}
}

func TestEveryEventComesBackFromJSON(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	kinds := map[string]bool{}
	for i, e := range everyEvent() {
		e = WithHead(e, Head{42, int64(i + 1), at})
		for f := range reflect.TypeOf(e).NumField() {
			if reflect.ValueOf(e).Field(f).IsZero() {
				t.Errorf("%s: field %s is not tried", e.Kind(), reflect.TypeOf(e).Field(f).Name)
			}
		}
		line, err := EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(line, '\n') {
			t.Errorf("%s is more than a line: %s", e.Kind(), line)
		}
		back, err := DecodeEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(e, back) {
			t.Errorf("got %#v, want %#v", back, e)
		}
		kinds[e.Kind()] = true
	}
	if len(kinds) != 12 {
		t.Errorf("%d kinds, want 12", len(kinds))
	}
}

func TestEncodedNamesAreStable(t *testing.T) {
	e := WithHead(StepSkipped{Step: Publish, Engine: "folder", Reason: `<"nothing"> & new`},
		Head{7, 2, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	line, err := EncodeEvent(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"run":7,"seq":2,"at":"2026-01-02T03:04:05Z","kind":"step_skipped",` +
		`"body":{"step":"publish","engine":"folder","reason":"<\"nothing\"> & new"}}`
	if string(line) != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"no JSON":      "hello",
		"other type":   `{"kind":"warning","body":{"message":5}}`,
		"cut off":      `{"run":1,"seq":2`,
		"body missing": `{"kind":"warning"}`,
	} {
		if e, err := DecodeEvent([]byte(line)); err == nil {
			t.Errorf("%s: got %#v", name, e)
		}
	}
	_, err := DecodeEvent([]byte(`{"kind":"moon_landed","body":{}}`))
	if !errors.Is(err, ErrUnknownEvent) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestEncodeLeavesNoNUL(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b":        "a\ufffdb",
		`a\u0000b`:      `a\u0000b`, // a backslash and letters, not the character
		"\\\x00":        "\\\ufffd",
		`\\` + "\x00":   `\\` + "\ufffd",
		"\x00\x00":      "\ufffd\ufffd",
		"bad \xff utf8": "bad \ufffd utf8",
	} {
		line, err := EncodeEvent(Warning{Message: in})
		if err != nil {
			t.Fatal(err)
		}
		e, err := DecodeEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := as[Warning](t, e).Message; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzEventJSON(f *testing.F) {
	for _, e := range everyEvent() {
		line, err := EncodeEvent(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := DecodeEvent(line)
		if err != nil {
			return
		}
		_ = Describe(e)
		once, err := EncodeEvent(e)
		if err != nil {
			var year *json.MarshalerError // a time beyond the year 9999
			if errors.As(err, &year) {
				return
			}
			t.Fatal(err)
		}
		back, err := DecodeEvent(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := EncodeEvent(back)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s (%v)", once, twice, err)
		}
		var text any
		if err := json.Unmarshal(once, &text); err != nil || hasNUL(text) {
			t.Fatalf("NUL in %s", once)
		}
	})
}

func hasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		for _, x := range v {
			if hasNUL(x) {
				return true
			}
		}
	case map[string]any:
		for _, x := range v {
			if hasNUL(x) {
				return true
			}
		}
	}
	return false
}
