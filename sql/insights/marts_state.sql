-- The state of the marts as a whole: that of the worst.
SELECT state, coalesce(reason, ''), run, rows, coalesce(as_of, 'epoch')::timestamptz, built_at
FROM analytics.mart_state
ORDER BY array_position(ARRAY['failed', 'unchecked', 'ok'], state), mart
LIMIT 1
