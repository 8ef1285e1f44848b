-- What the facts were made of.
SELECT m.version, m.staging::text, m.rules,
       ARRAY(SELECT load FROM analytics.applied_loads AS a WHERE a.staging = m.staging ORDER BY load) AS loads,
       ARRAY(SELECT hash FROM analytics.applied_loads AS a WHERE a.staging = m.staging ORDER BY load) AS hashes,
       ARRAY(SELECT coalesce((counts->>'loaded')::bigint, 0) FROM analytics.applied_loads AS a WHERE a.staging = m.staging ORDER BY load) AS loaded,
       ARRAY(SELECT source FROM analytics.applied_rules ORDER BY source) AS sources,
       ARRAY(SELECT fingerprint FROM analytics.applied_rules ORDER BY source) AS fingerprints
FROM analytics.meta AS m
