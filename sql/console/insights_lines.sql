-- Lines behind a number, the latest first. The last three columns are where the next page begins.
SELECT to_char(f.ordered_at AT TIME ZONE @timezone::text, 'YYYY-MM-DD HH24:MI:SS') AS ordered, f.source, f.invoice_no, f.kind,
       f.product_code, f.description, trim_scale(f.quantity) AS quantity, trim_scale(f.unit_price) AS unit_price, f.currency,
       trim_scale(f.amount_base) AS amount, f.customer_id, f.country, f.load_id AS load, f.line,
       f.ordered_at, f.load_id, f.record
FROM analytics.fact_purchase_line AS f
WHERE f.kind IN ('sale', 'return') AND f.amount_base IS NOT NULL AND {where}
ORDER BY f.ordered_at DESC, f.load_id DESC, f.record DESC
LIMIT @limit
