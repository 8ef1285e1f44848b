UPDATE staging.steps SET state = 'running', engine = $3, started_at = $4, finished_at = NULL
WHERE run = $1 AND step = $2
