-- name: revenue_without_product
-- severity: warn
-- database: analytics
-- description: sales that name no product: they are in the totals, but not in product_sales
SELECT d.gross_revenue, p.gross_revenue AS of_products, d.gross_revenue - p.gross_revenue AS difference
FROM (SELECT coalesce(sum(gross_revenue), 0) AS gross_revenue FROM analytics.daily_sales) AS d,
     (SELECT coalesce(sum(gross_revenue), 0) AS gross_revenue FROM analytics.product_sales) AS p
WHERE d.gross_revenue <> p.gross_revenue
