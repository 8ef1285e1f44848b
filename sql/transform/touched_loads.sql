-- The loads that have lines of these invoices.
SELECT DISTINCT unnest(l.loads)
FROM analytics.purchase_lineage AS l
JOIN unnest($1::text[], $2::text[]) AS t(source, invoice_no) USING (source, invoice_no)
