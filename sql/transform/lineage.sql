-- The rows of purchase_lineage for the invoices of the candidates.
SELECT c.source, c.invoice_no, c.loads, c.staged::bigint AS staged,
       coalesce(d.collapsed, 0) AS collapsed, coalesce(d.superseded, 0) AS superseded
FROM (
    SELECT source, invoice_no, array_agg(load_id ORDER BY load_id) AS loads, sum(staged) AS staged
    FROM (SELECT source, invoice_no, load_id, count(*) AS staged FROM candidate GROUP BY 1, 2, 3) AS l
    GROUP BY 1, 2
) AS c
LEFT JOIN (
    SELECT source, invoice_no, count(*) FILTER (WHERE NOT superseded) AS collapsed, count(*) FILTER (WHERE superseded) AS superseded
    FROM dropped GROUP BY 1, 2
) AS d ON d.source = c.source AND d.invoice_no = c.invoice_no
