INSERT INTO agg_customer_month AS a (customer_id, month, lines, returns, net_revenue)
SELECT customer_id, date_trunc('month', ordered_day)::date,
       coalesce(sum(sign * lines) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * lines) FILTER (WHERE is_return), 0),
       sum(CASE WHEN is_return THEN -sign ELSE sign END * value)
FROM visit
WHERE customer_id IS NOT NULL
GROUP BY 1, 2
-- merge
ON CONFLICT (customer_id, month) DO UPDATE
SET lines = a.lines + excluded.lines, returns = a.returns + excluded.returns, net_revenue = a.net_revenue + excluded.net_revenue
