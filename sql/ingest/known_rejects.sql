-- The rejects of a source that can be mended: of loads whose other rows are in.
SELECT r.load_id, r.record, r.state = 'open'
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE l.source = $1 AND l.state = 'loaded'
ORDER BY 1, 2
