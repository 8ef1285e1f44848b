-- How many products are in which class, and what they earn.
SELECT i.abc, i.xyz, count(*), trim_scale(coalesce(sum(p.gross_revenue), 0))::text
FROM analytics.inventory AS i
LEFT JOIN analytics.product_sales AS p USING (product_code)
GROUP BY i.abc, i.xyz
ORDER BY i.abc, i.xyz
