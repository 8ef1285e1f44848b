-- Countries by gross revenue; NULL = the line names none.
SELECT country, purchases, customers, lines, trim_scale(units) AS units, trim_scale(gross_revenue) AS gross_revenue,
       trim_scale(round(gross_revenue / nullif((SELECT sum(gross_revenue) FROM analytics.country_sales), 0), 6)) AS share,
       trim_scale(returned_value) AS returned_value, trim_scale(net_revenue) AS net_revenue,
       trim_scale(round(gross_revenue / nullif(purchases, 0), 4)) AS avg_purchase_value
FROM analytics.country_sales
ORDER BY gross_revenue DESC, country
LIMIT @limit
