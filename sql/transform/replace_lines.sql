-- The touched invoices' lines leave, all of them, and the new ones come.
ANALYZE new_touched, new_line, new_lineage;
WITH gone AS (
    DELETE FROM analytics.fact_purchase_line AS f USING new_touched AS t
    WHERE f.source = t.source AND f.invoice_no = t.invoice_no
    RETURNING f.*
)
INSERT INTO old_line SELECT * FROM gone;
INSERT INTO analytics.fact_purchase_line SELECT * FROM new_line;

DELETE FROM analytics.purchase_lineage AS l USING new_touched AS t
WHERE l.source = t.source AND l.invoice_no = t.invoice_no;
INSERT INTO analytics.purchase_lineage SELECT * FROM new_lineage;

CREATE TEMP VIEW changed AS
SELECT -1 AS sign, o.* FROM old_line AS o
UNION ALL
SELECT 1, n.* FROM new_line AS n;
