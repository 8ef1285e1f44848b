-- What the ledger knows of one identity.
SELECT id, state, name, started_at, coalesce(error, ''), coalesce(replaced_by, 0),
       EXISTS (SELECT FROM staging.chunks c WHERE c.load_id = l.id) AS rows_kept
FROM staging.loads l
WHERE source = $1 AND sha256 = $2 AND fingerprint = $3
