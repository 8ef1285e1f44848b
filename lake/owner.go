package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
)

// The store says which catalog publishes to it: an object beside the tables
// holds the id that the catalog's namespace has. A sweep of a store with the
// wrong catalog, or with a new and empty one, would take every table for
// something that a dead publish left.

func (l *Lake) ownerKey() string { return l.namespace + "/catalog-id" }

// owner returns the id of the catalog that publishes to the store, "" for none.
func (l *Lake) owner(ctx context.Context) (id string, err error) {
	r, err := l.store.Get(ctx, l.ownerKey())
	if errors.Is(err, ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err := io.ReadAll(io.LimitReader(r, 100))
	return strings.TrimSpace(string(b)), err
}

// claim makes the catalog ready for a publish and the store its own, if it is
// nobody's yet.
func (l *Lake) claim(ctx context.Context) error {
	id, err := l.pointers.Claim(ctx, uuid.NewString())
	if err != nil {
		return err
	}
	owner, err := l.owner(ctx)
	if err != nil || owner != "" {
		return err
	}
	return l.store.Put(ctx, l.ownerKey(), strings.NewReader(id+"\n"))
}

// ForeignError is a store that another catalog has published to.
type ForeignError struct{ Location string }

// Error names the store.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("the lake at %s holds tables that another catalog published", e.Location)
}

// Hint says how to come apart.
func (e *ForeignError) Hint() string {
	return "set lake.url to a folder or prefix of its own, or move the old lake away; nothing in it is deleted meanwhile"
}
