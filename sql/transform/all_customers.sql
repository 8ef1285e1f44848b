-- All customers of a rebuild, as all_products.sql does it.
CREATE TEMP TABLE described ON COMMIT DROP AS
SELECT customer_id, country, kind = 'sale' AS sale, max(ordered_at) AS at, count(*) AS lines
FROM analytics_build.fact_purchase_line
WHERE customer_id IS NOT NULL
GROUP BY 1, 2, 3;
INSERT INTO analytics_build.dim_customer (customer_id, country, lines)
SELECT customer_id, (array_agg(country ORDER BY sale DESC, at DESC, country DESC) FILTER (WHERE country IS NOT NULL))[1], sum(lines)
FROM described
GROUP BY customer_id;
DROP TABLE described;
