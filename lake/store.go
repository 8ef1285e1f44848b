package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Store is an object store: flat keys of slash-separated segments, whole
// objects, a Put that is atomic (no reader ever sees half an object) and
// durable when it returns. The folder implements it here, S3 elsewhere.
type Store interface {
	// Put stores all of r under key, replacing what was there; nothing is
	// stored when r fails.
	Put(ctx context.Context, key string, r io.Reader) error
	// Get opens the object; the error matches ErrNotExist when there is none.
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	// List yields the objects whose key starts with prefix, sorted by key.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Delete removes the object; deleting what is not there is no error.
	Delete(ctx context.Context, key string) error
}

// Object is one entry of a listing.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
}

// ErrNotExist is matched by the error of Get for a key without an object.
var ErrNotExist = errors.New("no such object")

// KeyError is a key that no store takes: empty, absolute, with empty or dot
// segments, or too long.
type KeyError struct {
	Key    string
	Reason string
}

// Error names the key, quoted, and what is wrong with it.
func (e *KeyError) Error() string { return fmt.Sprintf("key %q: %s", e.Key, e.Reason) }

// Hint says what keys look like.
func (e *KeyError) Hint() string {
	return "a key is one or more names joined by single slashes, without . or .. among them"
}
