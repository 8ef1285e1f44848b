-- name: load_counts
-- severity: error
-- database: staging
-- description: a load's records are all accounted for: read = loaded + rejected + discarded, also by its chunks
SELECT l.id AS load, l.source, l.name, l.read, l.loaded, l.rejected, coalesce(l.discarded, 0) AS discarded, c.read AS chunks_read, c.loaded AS chunks_loaded, c.rejected AS chunks_rejected
FROM staging.loads AS l
LEFT JOIN (
    SELECT load_id, sum(read) AS read, sum(loaded) AS loaded, sum(rejected) AS rejected FROM staging.chunks GROUP BY load_id
) AS c ON c.load_id = l.id
WHERE l.state = 'loaded'
  AND (l.read <> l.loaded + l.rejected + coalesce(l.discarded, 0)
       OR (c.load_id IS NOT NULL AND (c.read, c.loaded, c.rejected) IS DISTINCT FROM (l.read, l.loaded, l.rejected)))
ORDER BY l.id
