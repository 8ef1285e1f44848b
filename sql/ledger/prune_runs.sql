-- Forgets runs that ended before a time, with their steps, events and progress.
-- The newest run stays, however old it is.
DELETE FROM staging.runs
WHERE state <> 'running' AND coalesce(finished_at, heartbeat_at) < $1 AND id < (SELECT max(id) FROM staging.runs)
