-- What the marts have to take away and to add.
INSERT INTO analytics.delta_line
SELECT $1, sign, source, invoice_no, product_code, customer_id, country, ordered_at, ordered_day, kind = 'return', is_service,
       abs(quantity), CASE kind WHEN 'return' THEN abs(amount_base) ELSE amount_base END
FROM changed
WHERE kind IN ('sale', 'return') AND amount_base IS NOT NULL
