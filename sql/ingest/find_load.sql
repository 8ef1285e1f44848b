-- What the ledger knows of one identity.
SELECT id, state, name, started_at, coalesce(error, '')
FROM staging.loads
WHERE source = $1 AND sha256 = $2 AND fingerprint = $3
