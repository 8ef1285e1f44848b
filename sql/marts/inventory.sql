-- $1 is as_of, $2 the lead time in days, $3 the z of the service level. The window
-- is 13 blocks of 7 days, block 0 ends with as_of; a product's blocks count from
-- the one of its first sale on. Sums are exact; the reorder point is float64 of
-- exact integers (thousandths of units and their squares), in the order written.
INSERT INTO inventory
WITH block AS (
    SELECT product_code, sum(quantity) AS units
    FROM fact_purchase_line
    WHERE ordered_day > $1::date - 91 AND ordered_day <= $1::date AND kind = 'sale' AND amount_base IS NOT NULL AND product_code IS NOT NULL
    GROUP BY product_code, ($1::date - ordered_day) / 7
), sold AS (
    SELECT product_code, sum(units) AS s, sum(units * units) AS q FROM block GROUP BY product_code
), product AS (
    SELECT p.product_code, p.gross_revenue,
           sum(p.gross_revenue) OVER (ORDER BY p.gross_revenue DESC, p.product_code ROWS UNBOUNDED PRECEDING) - p.gross_revenue AS before,
           sum(p.gross_revenue) OVER () AS total,
           ($1::date - p.last_sold_at::date) / 7 AS weeks_since_sale,
           CASE WHEN p.lines > 0 THEN least(13, ($1::date - p.first_sold_at::date) / 7 + 1) ELSE 0 END::numeric AS n,
           coalesce(w.s, 0) AS s, coalesce(w.q, 0) AS q
    FROM agg_product AS p
    JOIN dim_product AS d ON d.product_code = p.product_code AND NOT d.is_service
    LEFT JOIN sold AS w ON w.product_code = p.product_code
)
SELECT product_code,
       CASE WHEN total <= 0 OR before >= 0.95 * total THEN 'C' WHEN before >= 0.80 * total THEN 'B' ELSE 'A' END,
       CASE WHEN s = 0 OR n * q - s * s > s * s THEN 'Z' WHEN n * q - s * s > 0.25 * s * s THEN 'Y' ELSE 'X' END,
       CASE WHEN n = 0 THEN 0 ELSE round(s / n, 6) END,
       CASE WHEN n = 0 THEN 0 ELSE round((n * q - s * s) / (n * n), 6) END,
       weeks_since_sale, NULL, NULL,
       CASE WHEN n = 0 THEN 0 ELSE ceil(
           (s * 1000)::float8 / (n * 1000)::float8 * ($2::float8 / 7)
           + $3::float8 * sqrt(((n * q - s * s) * 1000000)::float8 / (n * n * 1000000)::float8 * ($2::float8 / 7)))
       END::bigint,
       NULL
FROM product
