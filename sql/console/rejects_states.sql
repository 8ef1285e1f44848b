-- What became of records that a run was given to mend: arrays of their loads and records.
SELECT r.load_id, r.record, r.state = 'resolved'
FROM staging.rejects r
JOIN unnest($1::bigint[], $2::bigint[]) k (load_id, record) ON k.load_id = r.load_id AND k.record = r.record
