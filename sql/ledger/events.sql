-- Some events of a run from a number on.
SELECT seq, at, kind, body FROM staging.events WHERE run = $1 AND seq >= $2 ORDER BY seq LIMIT $3
