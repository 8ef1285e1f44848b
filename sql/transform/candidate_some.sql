-- All lines of the touched invoices, read from the loads ($1) that have any.
CREATE TEMP TABLE candidate ON COMMIT DROP AS
SELECT p.*
FROM staging.purchases AS p
JOIN touched AS t ON t.source = p.source AND t.invoice_no = p.invoice_no
WHERE p.load_id = ANY ($1)
