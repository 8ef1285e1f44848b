-- name: several_descriptions
-- severity: warn
-- database: analytics
-- description: products sold under more than one description, in the months that changed
WITH changed AS (
    SELECT min(month) - 1 AS low, (max(month) + interval '1 month')::date AS high
    FROM analytics.fact_months WHERE version > (SELECT checked_version FROM analytics.meta)
), described AS (
    SELECT product_code, description
    FROM analytics.fact_purchase_line
    WHERE kind = 'sale' AND product_code IS NOT NULL AND description IS NOT NULL AND ordered_day BETWEEN (SELECT low FROM changed) AND (SELECT high FROM changed)
    GROUP BY product_code, description
)
SELECT product_code, array_agg(description ORDER BY description) AS descriptions
FROM described
GROUP BY product_code
HAVING count(*) > 1
ORDER BY product_code
