-- The rejects that the records of load $1 stand for, from its record $4 on.
UPDATE staging.rejects r
SET resolved_by = $1, resolved_as = $4 + k.n - 1
FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (load_id, record, n)
WHERE r.load_id = k.load_id AND r.record = k.record AND r.state = 'open'
