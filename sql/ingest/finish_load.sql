-- From here on readers see the load.
UPDATE staging.loads
SET state = 'loaded', read = $2, loaded = $3, rejected = $4, discarded = 0, finished_at = $5, error = NULL
WHERE id = $1 AND state = 'loading'
