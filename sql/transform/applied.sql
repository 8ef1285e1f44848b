-- The facts now stand for these loads and rules ($2 to $6, an element a load), and
-- for no others.
WITH gone AS (
    DELETE FROM analytics.applied_loads AS a
    WHERE a.staging <> $1 OR a.load <> ALL ($2)
)
INSERT INTO analytics.applied_loads AS a (staging, load, hash, counts)
SELECT $1, l.load, l.hash, jsonb_build_object('read', l.read, 'loaded', l.loaded, 'rejected', l.rejected)
FROM unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[]) AS l(load, hash, read, loaded, rejected)
ON CONFLICT (staging, load) DO UPDATE SET hash = excluded.hash, counts = excluded.counts
WHERE (a.hash, a.counts) IS DISTINCT FROM (excluded.hash, excluded.counts)
