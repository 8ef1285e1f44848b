SELECT r.load_id, r.record, l.source, l.name, r.line, r.reason, coalesce(r.column_name, ''), coalesce(r.detail, ''),
       r.raw, r.state = 'resolved', coalesce(r.resolved_by, 0), coalesce(l.encoding, 'utf-8'), coalesce(l.header, '{}'),
       r.byte_offset
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE r.load_id = $1 AND r.record = $2
