-- The newest runs, or one.
SELECT id, state, tasks, options, epoch, started_at, finished_at, heartbeat_at, host, pid, who, version,
       cancel_requested, coalesce(cancelled_by, '') AS cancelled_by, exit_code,
       coalesce(error, '') AS error, coalesce(hint, '') AS hint
FROM staging.runs
WHERE $1::bigint IS NULL OR id = $1
ORDER BY id DESC
LIMIT $2
