UPDATE staging.loads
SET state = 'loaded', replaced_by = NULL, error = NULL, finished_at = $2
WHERE id = $1 AND state = 'undone'
