-- Gives runs up, with their steps. It looks at the heartbeat again: a run may
-- have come back since it was found dead. A zero age gives up any.
WITH given_up AS (
    UPDATE staging.runs r
    SET state = 'interrupted', finished_at = heartbeat_at, exit_code = NULL,
        error = format('process %s on host %s ended without a word', pid, host),
        hint = 'run it again: what was committed stays, the rest is taken up'
    WHERE id = ANY ($1) AND state = 'running' AND heartbeat_at <= clock_timestamp() - $2::interval
    RETURNING id, heartbeat_at
), ended AS (
    UPDATE staging.steps s
    SET state = CASE s.state WHEN 'running' THEN 'interrupted' ELSE 'skipped' END,
        finished_at = CASE s.state WHEN 'running' THEN g.heartbeat_at END,
        detail = CASE s.state WHEN 'waiting' THEN '{"reason": "not reached: the run was interrupted"}'::jsonb ELSE detail END
    FROM given_up g WHERE s.run = g.id AND s.state IN ('running', 'waiting')
)
SELECT id, pg_notify('penstock_run', id::text)::text FROM given_up
