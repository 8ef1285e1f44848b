-- $1 = a mart.
SELECT state, coalesce(reason, ''), run, rows, coalesce(as_of, 'epoch')::timestamptz, built_at
FROM analytics.mart_state
WHERE mart = $1
