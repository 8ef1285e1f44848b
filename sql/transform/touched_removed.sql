-- The invoices of loads that are gone, which staging may no longer know.
SELECT source, invoice_no FROM analytics.purchase_lineage WHERE loads && $1
