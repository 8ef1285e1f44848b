-- Lines that are equal in every canonical column, NULL = NULL, become one: the
-- first by content of its load.
INSERT INTO dropped
SELECT load_id, record, source, invoice_no, false
FROM (
    SELECT c.load_id, record, c.source, invoice_no, row_number() OVER (
        PARTITION BY c.source, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate, discount, tax,
                     currency, ordered_at, updated_at, customer_id, country, channel, status
        ORDER BY v.rank, record) AS n
    FROM candidate AS c
    JOIN visible AS v ON v.load_id = c.load_id
    WHERE c.source = ANY ((SELECT current_setting('penstock.collapse'))::text[])
      AND hashtextextended(invoice_no, 0) # coalesce(hashtextextended(product_code, 1), 0) # hash_numeric_extended(quantity, 2)
          IN (SELECT h FROM twin)
      AND NOT EXISTS (SELECT FROM dropped AS d WHERE d.load_id = c.load_id AND d.record = c.record)
) AS v
WHERE n > 1
