-- name: more_returned_than_sold
-- severity: warn
-- database: analytics
-- description: products of which more came back than was sold
SELECT product_code, description, units, returned_units
FROM analytics.product_sales
WHERE returned_units > units
ORDER BY returned_units - units DESC, product_code
