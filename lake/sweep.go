package lake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// Orphans lists the objects below the tables that no retained snapshot refers
// to: what publishes that died left behind, and what Expire let go. Nothing may
// publish meanwhile: its files would look the same. The error matches
// ForeignError when the store holds tables that this catalog does not know.
func (l *Lake) Orphans(ctx context.Context) ([]Object, error) {
	owner, err := l.owner(ctx)
	if err != nil || owner == "" {
		return nil, err // nobody has published to this store yet
	}
	id, err := l.pointers.Claim(ctx, uuid.NewString())
	if err != nil {
		return nil, err
	}
	if id != owner {
		return nil, &ForeignError{Location: l.location}
	}
	keep := map[string]bool{l.ownerKey(): true}
	names, err := l.pointers.Names(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t, err := l.load(ctx, name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		if err := l.referenced(ctx, t, keep); err != nil {
			return nil, fmt.Errorf("lake table %s: %w", name, err)
		}
	}
	var orphans []Object
	for o, err := range l.store.List(ctx, l.namespace+"/") {
		if err != nil {
			return nil, err
		}
		if !keep[o.Key] {
			orphans = append(orphans, o)
		}
	}
	return orphans, nil
}

// Sweep deletes the orphans and returns how many there were. Run it under the
// run lock, before a publish: readers of a snapshot that the last publish
// expired then have had a whole run's time to finish. A store that another
// catalog published to is left alone.
func (l *Lake) Sweep(ctx context.Context) (int, error) {
	orphans, err := l.Orphans(ctx)
	var foreign *ForeignError
	if errors.As(err, &foreign) {
		l.log.Warn("the lake is not swept", "reason", foreign.Error(), "hint", foreign.Hint())
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("sweep the lake: %w", err)
	}
	for i, o := range orphans {
		if err := l.store.Delete(ctx, o.Key); err != nil {
			return i, fmt.Errorf("sweep the lake: %w", err)
		}
	}
	if f, local := l.store.(*Folder); local {
		if err := f.removeTemps(); err != nil {
			return len(orphans), fmt.Errorf("sweep the lake: %w", err)
		}
	}
	return len(orphans), nil
}

// referenced adds every object that the table's metadata, its log and its
// snapshots refer to.
func (l *Lake) referenced(ctx context.Context, t *table.Table, keep map[string]bool) error {
	add := func(url string) error {
		key, err := storeIO{base: l.location}.key("keep", url)
		keep[key] = true
		return err
	}
	urls := []string{t.MetadataLocation()}
	for entry := range t.Metadata().PreviousFiles() {
		urls = append(urls, entry.MetadataFile)
	}
	for entry := range t.Metadata().Statistics() {
		urls = append(urls, entry.StatisticsPath)
	}
	for entry := range t.Metadata().PartitionStatistics() {
		urls = append(urls, entry.StatisticsPath)
	}
	for _, s := range t.Metadata().Snapshots() {
		urls = append(urls, s.ManifestList)
	}
	for _, url := range urls {
		if err := add(url); err != nil {
			return err
		}
	}
	return l.manifests(ctx, t, add)
}

// manifests calls add for each manifest of each snapshot and for each file that
// is live in it. A manifest that snapshots share is read once.
func (l *Lake) manifests(ctx context.Context, t *table.Table, add func(url string) error) error {
	fsys := l.fs(ctx)
	seen := map[string]bool{}
	for _, s := range t.Metadata().Snapshots() {
		manifests, err := s.Manifests(fsys)
		if err != nil {
			return err
		}
		for _, m := range manifests {
			if seen[m.FilePath()] {
				continue
			}
			seen[m.FilePath()] = true
			if err := add(m.FilePath()); err != nil {
				return err
			}
			for entry, err := range m.Entries(fsys, true) {
				if err != nil {
					return err
				}
				if err := add(entry.DataFile().FilePath()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Expire forgets old snapshots: those that are older than olderThan and do not
// belong to one of the keep newest complete runs. Of the newest complete run
// and of each table the newest snapshot are always kept. The files go with the
// next Sweep. It returns how many snapshots were forgotten.
func (l *Lake) Expire(ctx context.Context, keep int, olderThan time.Duration) (int, error) {
	tables, err := l.loadAll(ctx)
	if err != nil {
		return 0, fmt.Errorf("expire snapshots: %w", err)
	}
	retained := map[int64]bool{}
	for i, g := range complete(tables) {
		if i >= max(keep, 1) {
			break
		}
		for _, s := range g.tables {
			retained[s.SnapshotID] = true
		}
	}
	before := l.now().Add(-olderThan)
	total := 0
	for name, t := range tables {
		var ids []int64
		for _, s := range t.Metadata().Snapshots() {
			if !retained[s.SnapshotID] && s.SnapshotID != t.CurrentSnapshot().SnapshotID && time.UnixMilli(s.TimestampMs).Before(before) {
				ids = append(ids, s.SnapshotID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		c := &committer{lake: l, name: name, base: t.Metadata(), at: t.MetadataLocation(), hook: func(string) {}}
		if _, _, err := c.CommitTable(ctx, t.Identifier(), nil, []table.Update{table.NewRemoveSnapshotsUpdate(ids, false)}); err != nil {
			return total, fmt.Errorf("expire snapshots of lake table %s: %w", name, err)
		}
		total += len(ids)
	}
	return total, nil
}
