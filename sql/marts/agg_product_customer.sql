INSERT INTO agg_product_customer AS a (product, customer_id, lines)
SELECT p.id, d.customer_id, d.lines
FROM product_customer_delta AS d
JOIN agg_product AS p ON p.product_code = d.product_code
WHERE d.lines <> 0
-- merge
ON CONFLICT (product, customer_id) DO UPDATE SET lines = a.lines + excluded.lines
