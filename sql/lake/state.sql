-- What there is to publish: the version of the facts, that of the marts, and
-- how the marts fared in the checks.
SELECT m.version, m.marts_version,
       coalesce((SELECT max(run) FROM analytics.mart_state), 0),
       coalesce((SELECT string_agg(DISTINCT reason, '; ') FROM analytics.mart_state WHERE state = 'failed'), ''),
       EXISTS (SELECT FROM analytics.mart_state WHERE state = 'failed'),
       EXISTS (SELECT FROM analytics.mart_state WHERE state = 'unchecked')
FROM analytics.meta AS m
