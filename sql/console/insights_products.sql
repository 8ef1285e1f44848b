-- Products or services (@services); the best by gross revenue or, with @worst, the worst by net revenue.
SELECT product_code, description, trim_scale(units) AS units, trim_scale(gross_revenue) AS gross_revenue,
       trim_scale(round(gross_revenue / nullif((SELECT sum(gross_revenue) FROM analytics.product_sales), 0), 6)) AS share,
       invoices, customers, trim_scale(returned_units) AS returned_units, trim_scale(returned_value) AS returned_value,
       trim_scale(net_revenue) AS net_revenue,
       (first_sold_at AT TIME ZONE @timezone::text)::date AS first_sold, (last_sold_at AT TIME ZONE @timezone::text)::date AS last_sold
FROM analytics.product_sales
WHERE is_service = @services
ORDER BY CASE WHEN @worst THEN net_revenue END, gross_revenue DESC, product_code
LIMIT @limit
