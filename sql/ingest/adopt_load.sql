-- A load that began before its content was hashed, and whose run died before it
-- was: the file is where it was, as large and as old, so this is its hash.
UPDATE staging.loads
SET sha256 = $6, file_sha256 = $7
WHERE source = $1 AND fingerprint = $2 AND origin = $3 AND bytes = $4 AND modified_at = $5
  AND file_sha256 = '' AND state IN ('loading', 'stopped', 'failed')
