-- The products of changed lines. Lines are counted; what describes a product is
-- looked up by index, newest line first.
WITH change AS (
    SELECT product_code, sum(sign) AS lines, coalesce(sum(sign) FILTER (WHERE is_service), 0) AS service_lines
    FROM changed WHERE product_code IS NOT NULL GROUP BY product_code
)
INSERT INTO analytics.dim_product AS d (product_code, lines, service_lines)
SELECT product_code, lines, service_lines FROM change
ON CONFLICT (product_code) DO UPDATE
SET lines = d.lines + excluded.lines, service_lines = d.service_lines + excluded.service_lines;

DELETE FROM analytics.dim_product WHERE lines = 0;

UPDATE analytics.dim_product AS d
SET description = coalesce(
    (SELECT f.description FROM analytics.fact_purchase_line AS f
     WHERE f.product_code = d.product_code AND f.kind = 'sale' AND f.description IS NOT NULL
     ORDER BY f.ordered_at DESC, f.description DESC LIMIT 1),
    (SELECT f.description FROM analytics.fact_purchase_line AS f
     WHERE f.product_code = d.product_code AND f.description IS NOT NULL
     ORDER BY f.ordered_at DESC, f.description DESC LIMIT 1))
WHERE d.product_code IN (SELECT product_code FROM changed);
