-- A load that a dead run left behind goes on in this one, from where the file is now.
UPDATE staging.loads
SET run = $2, name = $3, origin = $4, file_sha256 = $5, modified_at = $6, error = NULL
WHERE id = $1
