-- Customers by segment, the most valuable first; the share is of net revenue.
SELECT segment, count(*), trim_scale(sum(net_revenue))::text,
       trim_scale(round(sum(net_revenue) / nullif((SELECT sum(net_revenue) FROM analytics.customer_value), 0), 6))::text
FROM analytics.customer_value
GROUP BY segment
ORDER BY sum(net_revenue) DESC, segment
