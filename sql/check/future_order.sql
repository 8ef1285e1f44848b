-- name: future_order
-- severity: warn
-- database: analytics
-- description: lines of tomorrow or later, most often a wrong date format or time zone
SELECT source, invoice_no, product_code, ordered_at, load_id, line
FROM analytics.fact_purchase_line
WHERE ordered_at > current_setting('penstock.now')::timestamptz + interval '1 day'
ORDER BY ordered_at, source, invoice_no, line
