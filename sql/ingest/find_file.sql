-- Files whose bytes on disk are known need not be decompressed to be known; only
-- states that keep a load out of this run count.
SELECT id, state, name, started_at, sha256, bytes
FROM staging.loads
WHERE source = $1 AND file_sha256 = $2 AND fingerprint = $3
  AND (state = 'loaded' OR state = 'undone' AND replaced_by IS NULL)
ORDER BY id
LIMIT 1
