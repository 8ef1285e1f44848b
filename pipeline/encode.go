package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrUnknownEvent is what decoding an event of a kind that this version does
// not know returns.
var ErrUnknownEvent = errors.New("unknown kind of event")

// wireEvent is an event as JSON: one line of `--json`, one line of a spool.
type wireEvent struct {
	Run  int64           `json:"run"`
	Seq  int64           `json:"seq"`
	At   time.Time       `json:"at"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
}

// EncodeEvent returns the event as one line of JSON without the line break:
// {"run", "seq", "at", "kind", "body"}. NUL and bytes that are not UTF-8 become
// U+FFFD, since jsonb has no place for them.
func EncodeEvent(e Event) ([]byte, error) {
	body, err := encodeBody(e)
	if err != nil {
		return nil, err
	}
	h := e.Head()
	line, err := marshal(wireEvent{h.Run, h.Seq, h.At, e.Kind(), body})
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.Kind(), err)
	}
	return line, nil
}

// DecodeEvent is the inverse of EncodeEvent.
func DecodeEvent(line []byte) (Event, error) {
	var w wireEvent
	if err := json.Unmarshal(line, &w); err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	return decodeBody(w.Kind, w.Body, Head{w.Run, w.Seq, w.At})
}

func encodeBody(e Event) ([]byte, error) {
	body, err := marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.Kind(), err)
	}
	return body, nil
}

func decodeBody(kind string, body []byte, h Head) (Event, error) {
	switch kind {
	case KindRunStarted:
		return decode[RunStarted](body, h)
	case KindStepStarted:
		return decode[StepStarted](body, h)
	case KindLoadStarted:
		return decode[LoadStarted](body, h)
	case KindLoadFinished:
		return decode[LoadFinished](body, h)
	case KindLoadSkipped:
		return decode[LoadSkipped](body, h)
	case KindWarning:
		return decode[Warning](body, h)
	case KindRejectSample:
		return decode[RejectSample](body, h)
	case KindStepFinished:
		return decode[StepFinished](body, h)
	case KindStepSkipped:
		return decode[StepSkipped](body, h)
	case KindStepFailed:
		return decode[StepFailed](body, h)
	case KindCheckFailed:
		return decode[CheckFailed](body, h)
	case KindRunFinished:
		return decode[RunFinished](body, h)
	}
	return nil, fmt.Errorf("decode event %q: %w", kind, ErrUnknownEvent)
}

func decode[E Event](body []byte, h Head) (Event, error) {
	var e E
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", e.Kind(), err)
	}
	return e.withHead(h), nil
}

// marshal is json.Marshal with <, > and & as they are and without NUL.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return withoutNUL(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// withoutNUL replaces the escape \u0000 by \ufffd, in place: both are as long.
func withoutNUL(text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(text[i:], []byte(`\u0000`)) {
			copy(text[i:], `\ufffd`)
		}
		i++ // what follows a backslash is part of the escape
	}
	return text
}
