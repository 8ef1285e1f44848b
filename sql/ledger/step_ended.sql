UPDATE staging.steps
SET state = $3, finished_at = $4, read = $5, loaded = $6, rejected = $7, collapsed = $8, bytes = $9, detail = $10
WHERE run = $1 AND step = $2
