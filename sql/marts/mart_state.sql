-- One row a mart, $1 names, $2 rows.
INSERT INTO analytics.mart_state (mart, state, run, version, rows, as_of, built_at)
SELECT t.mart, 'unchecked', $3, (SELECT version FROM analytics.meta), t.rows, $4, $5
FROM unnest($1::text[], $2::bigint[]) AS t(mart, rows)
ON CONFLICT (mart) DO UPDATE
SET state = excluded.state, reason = NULL, run = excluded.run, version = excluded.version, rows = excluded.rows,
    as_of = excluded.as_of, built_at = excluded.built_at
