-- Multiplying by the sign comes after summing up: it is dear on decimals.
CREATE {scratch} TABLE product_delta AS
SELECT product_code, sign, is_return, count(*) AS lines, sum(units) AS units, sum(value) AS value,
       min(ordered_at) AS first_at, max(ordered_at) AS last_at
FROM delta_line
WHERE product_code IS NOT NULL
GROUP BY product_code, sign, is_return
