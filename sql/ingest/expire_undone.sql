-- Undone loads whose rows are still kept for a reload.
SELECT l.id
FROM staging.loads l
WHERE l.state = 'undone' AND l.finished_at < $1 AND EXISTS (SELECT FROM staging.chunks c WHERE c.load_id = l.id)
ORDER BY l.id
