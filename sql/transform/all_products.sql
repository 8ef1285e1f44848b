-- All products of a rebuild: one pass that parallel workers share, then the
-- newest of the few descriptions each product has.
CREATE TEMP TABLE described ON COMMIT DROP AS
SELECT product_code, description, kind = 'sale' AS sale, max(ordered_at) AS at, count(*) AS lines, count(*) FILTER (WHERE is_service) AS service_lines
FROM analytics_build.fact_purchase_line
WHERE product_code IS NOT NULL
GROUP BY 1, 2, 3;
INSERT INTO analytics_build.dim_product (product_code, description, lines, service_lines)
SELECT product_code, (array_agg(description ORDER BY sale DESC, at DESC, description DESC) FILTER (WHERE description IS NOT NULL))[1],
       sum(lines), sum(service_lines)
FROM described
GROUP BY product_code;
DROP TABLE described;
