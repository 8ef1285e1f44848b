-- Runs that say they are running although their heartbeat is stale and no
-- session holds the lock in their name. Clocks: only the server's.
SELECT r.id
FROM staging.runs r
WHERE r.state = 'running'
  AND r.heartbeat_at < clock_timestamp() - $1::interval
  AND NOT EXISTS (
      SELECT FROM pg_locks k JOIN pg_stat_activity a USING (pid), staging.meta m
      WHERE k.locktype = 'advisory' AND k.granted AND k.objsubid = 2
        AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND k.classid = $2::int4::oid AND k.objid = $3::int4::oid
        AND a.application_name = 'penstock run ' || r.id || ' ' || m.uuid)
ORDER BY r.id
