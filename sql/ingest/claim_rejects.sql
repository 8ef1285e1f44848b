UPDATE staging.rejects r
SET resolved_by = $1
FROM unnest($2::bigint[], $3::bigint[]) AS k (load_id, record)
WHERE r.load_id = k.load_id AND r.record = k.record AND r.state = 'open'
