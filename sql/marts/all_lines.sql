-- For a rebuild every sale and every return is a line that came.
CREATE TEMP VIEW delta_line AS
SELECT 0::bigint AS version, 1::smallint AS sign, source, invoice_no, product_code, customer_id, country, ordered_at, ordered_day,
       kind = 'return' AS is_return, is_service, abs(quantity) AS units,
       CASE kind WHEN 'return' THEN abs(amount_base) ELSE amount_base END AS value
FROM analytics.fact_purchase_line
WHERE kind IN ('sale', 'return') AND amount_base IS NOT NULL
