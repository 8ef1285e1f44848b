-- The sessions that one waits for, the oldest transaction first. What others do is
-- shown to members of pg_read_all_stats; a prepared transaction is session 0.
SELECT b.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), a.xact_start,
       CASE WHEN a.xact_start IS NULL THEN '' ELSE coalesce(a.query, '') END
FROM unnest(pg_blocking_pids($1)) AS b (pid)
LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
ORDER BY a.xact_start NULLS LAST, b.pid
