-- The shop in one row. A purchase is an invoice with a sale line.
WITH days AS (
    SELECT min(day) FILTER (WHERE lines > 0) AS first_day, max(day) FILTER (WHERE lines > 0) AS last_day,
           count(*) FILTER (WHERE lines > 0) AS trading_days, coalesce(sum(lines), 0) AS lines, coalesce(sum(units), 0) AS units,
           coalesce(sum(gross_revenue), 0) AS gross, coalesce(sum(returned_value), 0) AS returned, coalesce(sum(net_revenue), 0) AS net
    FROM analytics.daily_sales
), purchases AS (
    SELECT purchases AS n FROM analytics.agg_total
), customers AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE purchases > 1) AS returning, coalesce(sum(purchases), 0) AS purchases,
           coalesce(sum(gross_revenue), 0) AS gross
    FROM analytics.customer_value
)
SELECT d.first_day, d.last_day, d.trading_days, d.lines::bigint, p.n,
       trim_scale(d.units)::text, trim_scale(d.gross)::text, trim_scale(d.returned)::text, trim_scale(d.net)::text,
       trim_scale(round(d.gross / nullif(p.n, 0), 4))::text,
       c.n, c.returning, trim_scale(round(c.returning::numeric / nullif(c.n, 0), 6))::text,
       c.purchases::bigint, trim_scale(c.gross)::text
FROM days AS d, purchases AS p, customers AS c
