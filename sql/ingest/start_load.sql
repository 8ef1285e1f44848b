-- A new identity, or one whose last attempt left nothing, begins.
INSERT INTO staging.loads
    (run, source, entity, name, origin, sha256, file_sha256, fingerprint, state, bytes, started_at, on_change, modified_at, header, encoding)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'loading', $9, $10, $11, $12, $13, $14)
ON CONFLICT (source, sha256, fingerprint) DO UPDATE SET
    run = excluded.run, entity = excluded.entity, name = excluded.name, origin = excluded.origin,
    file_sha256 = excluded.file_sha256, state = 'loading', bytes = excluded.bytes,
    read = NULL, loaded = NULL, rejected = NULL, discarded = NULL,
    started_at = excluded.started_at, finished_at = NULL, on_change = excluded.on_change,
    modified_at = excluded.modified_at, error = NULL, raw_key = NULL, header = excluded.header,
    encoding = excluded.encoding, replaced_by = NULL
RETURNING id, xmax = 0 -- whether it is new
