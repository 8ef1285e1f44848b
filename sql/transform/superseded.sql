-- on_change: replace. A version of an invoice is what one load has of it with one
-- updated_at; the greatest updated_at wins, then the greatest content hash.
INSERT INTO dropped
SELECT load_id, record, source, invoice_no, true
FROM (
    SELECT c.load_id, c.record, c.source, c.invoice_no,
           dense_rank() OVER (PARTITION BY c.source, c.invoice_no ORDER BY c.updated_at DESC NULLS LAST, v.rank DESC) AS version
    FROM candidate AS c
    JOIN rule AS r ON r.source = c.source AND r.replace
    JOIN visible AS v ON v.load_id = c.load_id
) AS v
WHERE version > 1
