-- The rejects of a source that can be mended: of loads whose other rows are in. With one whose mended record
-- was refused again comes that reject, and the hash of its bytes while it is open; its record is 0 where it is
-- not known which of the load's open rejects it is.
SELECT r.load_id, r.record, r.state = 'open', n.load_id, n.record, CASE n.state WHEN 'open' THEN sha256(n.raw) END
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
LEFT JOIN LATERAL (
    SELECT a.load_id, a.record, a.state, a.raw
    FROM staging.rejects a
    WHERE a.load_id = r.resolved_by AND a.record = r.resolved_as
    UNION ALL
    SELECT r.resolved_by, 0, NULL, NULL
    WHERE r.resolved_as IS NULL
      AND EXISTS (SELECT FROM staging.rejects a WHERE a.load_id = r.resolved_by AND a.state = 'open')
) n ON r.state = 'resolved'
WHERE l.source = $1 AND l.state = 'loaded'
ORDER BY 1, 2
