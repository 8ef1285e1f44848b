-- name: negative_price
-- severity: warn
-- database: analytics
-- description: lines with a price below zero, most often corrections of the books
SELECT source, invoice_no, product_code, description, quantity, unit_price, kind, load_id, line
FROM analytics.fact_purchase_line
WHERE unit_price < 0
ORDER BY ordered_at, source, invoice_no, line
