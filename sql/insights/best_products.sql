-- $1 = how many. Services (postage, fees) are left out; the share is of all gross revenue.
SELECT product_code, coalesce(description, ''), trim_scale(units)::text, trim_scale(gross_revenue)::text,
       trim_scale(round(gross_revenue / nullif((SELECT sum(gross_revenue) FROM analytics.product_sales), 0), 6))::text,
       trim_scale(returned_value)::text
FROM analytics.product_sales
WHERE NOT is_service AND gross_revenue > 0
ORDER BY gross_revenue DESC, product_code
LIMIT $1
