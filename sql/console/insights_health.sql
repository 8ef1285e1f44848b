-- The state of the marts as a whole, that of the worst; whether the facts changed since they were made;
-- the first day with a sale. One row always: 'missing' before the marts were made.
SELECT coalesce(s.state, 'missing'), coalesce(s.reason, ''), coalesce(s.run, 0), coalesce(s.rows, 0),
       coalesce(s.as_of, 'epoch')::timestamptz, coalesce(s.built_at, 'epoch'),
       m.version > 0, m.version > m.marts_version,
       (SELECT min(day) FROM analytics.daily_sales WHERE lines > 0)
FROM analytics.meta AS m
LEFT JOIN LATERAL (
    SELECT state, reason, run, rows, as_of, built_at
    FROM analytics.mart_state
    ORDER BY array_position(ARRAY['failed', 'unchecked', 'ok'], state), mart
    LIMIT 1
) AS s ON true
