-- Load $1 replaces load $2, of the same content: a record that was refused both
-- times and mended since is mended.
UPDATE staging.rejects n
SET state = 'resolved', resolved_by = o.resolved_by, resolved_as = o.resolved_as
FROM staging.rejects o
WHERE n.load_id = $1 AND o.load_id = $2 AND n.record = o.record AND n.state = 'open' AND o.state = 'resolved'
