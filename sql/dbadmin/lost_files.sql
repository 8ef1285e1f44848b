-- Files in this database's folder that belong to no relation, and their bytes: those of tables that a
-- transaction was making when the server crashed. What is younger than an hour or than the oldest transaction
-- may be that of one under way, or of one that this snapshot missed; a file without bytes is that of a relation
-- just dropped. Only for a superuser.
WITH folder AS (
    SELECT 'base/' || oid AS path FROM pg_catalog.pg_database WHERE datname = current_database()
), files AS MATERIALIZED (
    SELECT path || '/' || name AS name, substring(name FROM '^[0-9]+')::oid AS node
    FROM folder, pg_catalog.pg_ls_dir(path) AS name
    WHERE name ~ '^[0-9]+(_[a-z]+)?([.][0-9]+)?$'
), lost AS MATERIALIZED (
    SELECT f.name FROM files AS f LEFT JOIN pg_catalog.pg_class AS c ON pg_catalog.pg_relation_filenode(c.oid) = f.node
    WHERE c.oid IS NULL
)
SELECT count(*), coalesce(sum(s.size), 0)::bigint
FROM lost CROSS JOIN LATERAL pg_catalog.pg_stat_file(lost.name, true) AS s
WHERE s.size > 0 AND s.modification < now() - interval '1 hour'
  AND s.modification < (SELECT date_trunc('second', min(xact_start)) FROM pg_catalog.pg_stat_activity) -- times of files are in seconds
