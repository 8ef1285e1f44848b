-- Loads that are over but whose rows are still there: chunks go with the rows. A
-- leaf without its chunk could not be dropped in time.
SELECT DISTINCT l.id
FROM staging.loads l
JOIN staging.chunks c ON c.load_id = l.id
WHERE l.state IN ('stopped', 'failed')
UNION
SELECT DISTINCT o.load
FROM staging.own_leaves(0, 9223372036854775807) o
WHERE NOT EXISTS (SELECT FROM staging.chunks c WHERE c.load_id = o.load)
ORDER BY 1
