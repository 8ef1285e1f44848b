package steps

import (
	"bytes"
	"fmt"
	"slices"
)

// transformLoad is a load that counts.
type transformLoad struct {
	id                     int64
	source, hash, onChange string
	read, loaded, rejected int64
}

type appliedLoad struct {
	hash   string
	loaded int64
}

// transformState is what the facts were made of.
type transformState struct {
	version int64
	staging *string // nil: of nothing yet
	global  []byte
	applied map[int64]appliedLoad
	rules   map[string]string // fingerprints by source
}

// transformInput is what the facts should be made of.
type transformInput struct {
	staging string
	global  []byte
	loads   []transformLoad
	rules   []transformRule
	rebuild bool // asked for
}

// transformPlan says how to get from one to the other.
type transformPlan struct {
	staging        string
	global         []byte
	skip           string // why nothing has to be done
	rebuild        bool
	warning        string  // why all is derived anew, where that is news
	added, removed []int64 // loads; in both where a load has become another
}

// planTransform compares what the facts were made of with what they should be made of. It decides on a
// rebuild where facts of untouched invoices may differ, and where it is the shorter way.
func planTransform(s transformState, in transformInput) transformPlan {
	p := transformPlan{staging: in.staging, global: in.global}
	var total, changed int64
	there := make(map[int64]bool, len(in.loads))
	for _, l := range in.loads {
		there[l.id] = true
		total += l.loaded
		old, known := s.applied[l.id]
		if known && old.hash == l.hash && old.loaded == l.loaded {
			continue
		}
		p.added, changed = append(p.added, l.id), changed+l.loaded
		if known {
			p.removed, changed = append(p.removed, l.id), changed+old.loaded
		}
	}
	for id, old := range s.applied {
		if !there[id] {
			p.removed, changed = append(p.removed, id), changed+old.loaded
		}
	}
	slices.Sort(p.removed)
	p.rebuild, p.warning = mustRebuild(s, in)
	switch {
	case s.staging == nil && len(in.loads) == 0:
		p.skip = "nothing has been loaded yet"
	case p.rebuild:
	case len(p.added)+len(p.removed) == 0:
		p.skip = "no load and no rule has changed"
	case changed > total/2:
		p.rebuild = true
	}
	return p
}

func mustRebuild(s transformState, in transformInput) (rebuild bool, warning string) {
	switch {
	case s.staging == nil:
		return true, ""
	case *s.staging != in.staging:
		return true, "this is another staging database than the facts were derived from: all facts are derived anew from this one"
	case !bytes.Equal(s.global, in.global):
		return true, "rates, base currency, report timezone or the program have changed: all facts are derived anew"
	}
	for _, r := range in.rules {
		if old, known := s.rules[r.Source]; known && old != string(r.fingerprint()) {
			return true, fmt.Sprintf("the rules of source %s have changed: all facts are derived anew", r.Source)
		}
	}
	return in.rebuild, ""
}
