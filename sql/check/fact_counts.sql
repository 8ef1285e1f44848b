-- name: fact_counts
-- severity: error
-- database: analytics
-- description: every loaded line is a fact or accounted for: loaded = staged = facts + repeated + superseded
SELECT a.loaded, l.staged, f.facts, l.collapsed, l.superseded
FROM (SELECT coalesce(sum((counts->>'loaded')::bigint), 0) AS loaded FROM analytics.applied_loads) AS a,
     (SELECT coalesce(sum(staged), 0) AS staged, coalesce(sum(collapsed), 0) AS collapsed, coalesce(sum(superseded), 0) AS superseded
      FROM analytics.purchase_lineage) AS l,
     (SELECT count(*) AS facts FROM analytics.fact_purchase_line) AS f
WHERE a.loaded <> l.staged OR l.staged <> f.facts + l.collapsed + l.superseded
