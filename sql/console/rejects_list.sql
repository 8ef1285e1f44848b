-- Only the beginning of records: a list shows no more, and one of them may be huge.
SELECT r.load_id, r.record, l.source, l.name, r.line, r.reason, coalesce(r.column_name, ''), coalesce(r.detail, ''),
       substring(r.raw FROM 1 FOR 512), octet_length(r.raw) > 512, r.state = 'resolved', coalesce(r.resolved_by, 0),
       coalesce(l.encoding, 'utf-8'), coalesce(l.header, '{}')
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE l.state <> 'undone' AND ($1 OR r.state = 'open')
  AND ($3 = '' OR l.source = $2 AND r.reason = $3 AND coalesce(r.column_name, '') = $4)
  AND ($6::bigint = 0 OR l.run = $6)
ORDER BY r.load_id DESC, r.record
LIMIT $5
