CREATE {scratch} TABLE product_customer_delta AS
SELECT product_code, customer_id, sum(sign) AS lines
FROM delta_line
WHERE NOT is_return AND product_code IS NOT NULL AND customer_id IS NOT NULL
GROUP BY product_code, customer_id
