-- The customers of changed lines, as products.sql does it.
WITH change AS (
    SELECT customer_id, sum(sign) AS lines FROM changed WHERE customer_id IS NOT NULL GROUP BY customer_id
)
INSERT INTO analytics.dim_customer AS d (customer_id, lines)
SELECT customer_id, lines FROM change
ON CONFLICT (customer_id) DO UPDATE SET lines = d.lines + excluded.lines;

DELETE FROM analytics.dim_customer WHERE lines = 0;

UPDATE analytics.dim_customer AS d
SET country = coalesce(
    (SELECT f.country FROM analytics.fact_purchase_line AS f
     WHERE f.customer_id = d.customer_id AND f.kind = 'sale' AND f.country IS NOT NULL
     ORDER BY f.ordered_at DESC, f.country DESC LIMIT 1),
    (SELECT f.country FROM analytics.fact_purchase_line AS f
     WHERE f.customer_id = d.customer_id AND f.country IS NOT NULL
     ORDER BY f.ordered_at DESC, f.country DESC LIMIT 1))
WHERE d.customer_id IN (SELECT customer_id FROM changed);
