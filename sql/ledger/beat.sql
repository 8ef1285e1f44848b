-- A sign of life. A run that was given up while it could not be reached lives
-- again; one that has ended stays as it is.
UPDATE staging.runs
SET heartbeat_at = clock_timestamp(),
    state       = CASE state WHEN 'interrupted' THEN 'running' ELSE state END,
    finished_at = CASE state WHEN 'interrupted' THEN NULL ELSE finished_at END,
    error       = CASE state WHEN 'interrupted' THEN NULL ELSE error END,
    hint        = CASE state WHEN 'interrupted' THEN NULL ELSE hint END
WHERE id = $1
RETURNING cancel_requested IS NOT NULL, coalesce(cancelled_by, '')
