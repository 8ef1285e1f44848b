package source

import "time"

const daySeconds = 86400

// dayCache remembers the zone's offset for days on which it does not change.
type dayCache [256]struct {
	day    int32
	offset int32
	known  bool
}

// utc turns local, the seconds since 1970 that the zone's clock shows, into
// UTC. Of two possible instants it takes the first (the earlier offset); it is
// false for a time that the clock skipped.
func (c *dayCache) utc(loc *time.Location, local int64) (int64, bool) {
	if loc == time.UTC {
		return local, true
	}
	day := local / daySeconds
	if local < day*daySeconds {
		day--
	}
	slot := &c[uint64(day)%uint64(len(c))] //nolint:gosec // any slot will do
	if slot.known && int64(slot.day) == day {
		return local - int64(slot.offset), true
	}
	noon := time.Unix(day*daySeconds+daySeconds/2, 0).In(loc)
	start, end := noon.ZoneBounds()
	reach := time.Duration(2*daySeconds) * time.Second
	if (start.IsZero() || noon.Sub(start) > reach) && (end.IsZero() || end.Sub(noon) > reach) {
		_, offset := noon.Zone()
		slot.day, slot.offset, slot.known = int32(day), int32(offset), true //nolint:gosec // years 1 to 9999, offsets of hours
		return local - int64(offset), true
	}
	return utcNearChange(loc, local)
}

// utcNearChange looks at every offset in force within two days of local.
func utcNearChange(loc *time.Location, local int64) (int64, bool) {
	last := time.Unix(local+2*daySeconds, 0)
	for t := time.Unix(local-2*daySeconds, 0).In(loc); ; {
		_, offset := t.Zone()
		start, end := t.ZoneBounds()
		at := local - int64(offset)
		if (start.IsZero() || at >= start.Unix()) && (end.IsZero() || at < end.Unix()) {
			return at, true
		}
		if end.IsZero() || end.After(last) {
			return 0, false
		}
		t = end
	}
}
