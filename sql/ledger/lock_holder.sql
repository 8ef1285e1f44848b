-- The session that holds a lock of two keys in this database.
SELECT a.pid, a.application_name, coalesce(a.backend_start, 'epoch')
FROM pg_locks k JOIN pg_stat_activity a USING (pid)
WHERE k.locktype = 'advisory' AND k.granted AND k.objsubid = 2
  AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND k.classid = $1::int4::oid AND k.objid = $2::int4::oid
