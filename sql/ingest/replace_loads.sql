-- The same content under an older mapping goes out when the new one comes in:
-- both together would count everything twice.
UPDATE staging.loads
SET state = 'undone', finished_at = $2, error = $3
WHERE source = (SELECT source FROM staging.loads WHERE id = $1)
  AND sha256 = (SELECT sha256 FROM staging.loads WHERE id = $1)
  AND id <> $1 AND state = 'loaded'
RETURNING id, name
