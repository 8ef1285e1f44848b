-- Records whose quotes do not close come last: they may run into what follows them.
SELECT r.load_id, l.source, l.name, r.record, r.line, r.byte_offset, r.reason, coalesce(r.column_name, ''),
       coalesce(r.detail, ''), r.raw, r.state, CASE r.state WHEN 'resolved' THEN coalesce(r.resolved_by, 0) ELSE 0 END
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE ($1::text IS NULL OR l.source = $1) AND ($2::bigint IS NULL OR r.load_id = $2)
  AND ($3::text IS NULL OR r.reason = $3) AND ($4::text IS NULL OR r.column_name = $4)
  AND ($5 OR r.state = 'open' AND l.state <> 'undone')
  AND ($9::bigint IS NULL OR l.run = $9)
  AND ($7::bigint IS NULL OR r.load_id < $7 OR r.load_id = $7 AND r.record > $8)
ORDER BY r.reason = 'quote', r.load_id, r.record
LIMIT nullif($6, 0)
