-- How many customers have which scores of recency and frequency, and what they are worth.
SELECT r_score, f_score, min(segment), count(*), trim_scale(sum(net_revenue))::text
FROM analytics.customer_value
GROUP BY r_score, f_score
ORDER BY r_score, f_score
