SELECT l.id, coalesce(l.run, 0), l.source, l.entity, l.name, l.origin, l.sha256, l.fingerprint, l.state, l.bytes,
       coalesce(l.read, 0), coalesce(l.loaded, 0), coalesce(l.rejected, 0), coalesce(l.discarded, 0),
       (SELECT count(*) FROM staging.rejects r WHERE r.load_id = l.id AND r.state = 'open'),
       l.started_at, l.finished_at, coalesce(l.error, ''), coalesce(l.raw_key, ''), coalesce(l.replaced_by, 0)
FROM staging.loads l
WHERE ($1::text IS NULL OR l.source = $1) AND ($2::text IS NULL OR l.state = $2) AND ($3::bigint IS NULL OR l.id = $3)
ORDER BY l.id DESC
LIMIT $4
