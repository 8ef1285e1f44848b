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
	if offset, ok := steady(loc, day*daySeconds+daySeconds/2); ok {
		slot.day, slot.offset, slot.known = int32(day), int32(offset), true //nolint:gosec // years 1 to 9999, offsets of hours
		return local - offset, true
	}
	return utcNearChange(loc, local)
}

// around are the distances, in days, at which a zone is asked for its offset: zones do not change twice
// within a day. Where a zone changes is not asked for: Go's ZoneBounds says on 31 December of leap years
// after 2037 that the day has ended before it began.
func around() [5]int64 { return [5]int64{-2, -1, 0, 1, 2} }

// offsetAt is what a zone's clock is ahead of UTC at an instant, in seconds.
func offsetAt(loc *time.Location, at int64) int64 {
	_, offset := time.Unix(at, 0).In(loc).Zone()
	return int64(offset)
}

// steady returns the offset of a zone that does not change within two days of an instant.
func steady(loc *time.Location, at int64) (int64, bool) {
	first := offsetAt(loc, at)
	for _, days := range around() {
		if offsetAt(loc, at+days*daySeconds) != first {
			return 0, false
		}
	}
	return first, true
}

// utcNearChange tries every offset in force within two days of local.
func utcNearChange(loc *time.Location, local int64) (first int64, ok bool) {
	for _, days := range around() {
		offset := offsetAt(loc, local+days*daySeconds)
		at := local - offset
		if (!ok || at < first) && offsetAt(loc, at) == offset {
			first, ok = at, true
		}
	}
	return first, ok
}
