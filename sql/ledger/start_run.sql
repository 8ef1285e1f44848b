-- Takes the next epoch, which shuts out every earlier run, and opens a run.
WITH fence AS (
    UPDATE staging.meta SET epoch = epoch + 1 RETURNING epoch
)
INSERT INTO staging.runs (state, tasks, options, epoch, started_at, heartbeat_at, host, pid, who, version)
SELECT 'running', $1, $2, epoch, $3, clock_timestamp(), $4, $5, $6, $7 FROM fence
RETURNING id, epoch
