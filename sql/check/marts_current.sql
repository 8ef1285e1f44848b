-- name: marts_current
-- severity: error
-- database: analytics
-- description: the marts were made from the facts as they are
SELECT s.mart, s.version, m.version AS facts_version
FROM analytics.mart_state AS s, analytics.meta AS m
WHERE s.version <> m.version
ORDER BY s.mart
