-- The steps of a run that was given up too early.
UPDATE staging.steps
SET state = CASE state WHEN 'interrupted' THEN 'running' ELSE 'waiting' END, finished_at = NULL, detail = NULL
WHERE run = $1 AND (state = 'interrupted' OR detail ->> 'reason' = 'not reached: the run was interrupted')
