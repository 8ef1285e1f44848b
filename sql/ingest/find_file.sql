-- Files whose bytes on disk are known need not be decompressed to be known: only
-- the states that keep a load out of this run count.
SELECT id, state, name, started_at, sha256, bytes
FROM staging.loads
WHERE source = $1 AND file_sha256 = $2 AND fingerprint = $3 AND state IN ('loaded', 'undone')
ORDER BY id
LIMIT 1
