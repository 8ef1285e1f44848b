-- Records that were mended for load $2 and that load $1 accepts as they are.
SELECT o.resolved_by, count(*)
FROM staging.rejects o
JOIN staging.loads m ON m.id = o.resolved_by AND m.state = 'loaded'
WHERE o.load_id = $2 AND o.state = 'resolved'
  AND NOT EXISTS (SELECT FROM staging.rejects n WHERE n.load_id = $1 AND n.record = o.record)
GROUP BY o.resolved_by
ORDER BY o.resolved_by
LIMIT 1
