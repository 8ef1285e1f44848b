SELECT r.load_id, l.source, l.name, r.reason, coalesce(r.column_name, ''), count(*) FILTER (WHERE r.state = 'open'), count(*)
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE ($1::text IS NULL OR l.source = $1) AND ($2::bigint IS NULL OR r.load_id = $2)
  AND ($3::text IS NULL OR r.reason = $3) AND ($4::text IS NULL OR r.column_name = $4)
  AND ($5 OR r.state = 'open' AND l.state <> 'undone')
  AND ($6::bigint IS NULL OR l.run = $6)
GROUP BY r.load_id, l.source, l.name, r.reason, r.column_name
ORDER BY r.load_id DESC, 7 DESC, r.reason, 5
