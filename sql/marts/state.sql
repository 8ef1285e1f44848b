-- How far the marts have come, and how much changed since.
SELECT m.version, m.marts_version, m.marts_rules,
       (SELECT count(*) FROM analytics.delta_line),
       (SELECT coalesce(sum((counts->>'loaded')::bigint), 0)::bigint FROM analytics.applied_loads)
FROM analytics.meta AS m
