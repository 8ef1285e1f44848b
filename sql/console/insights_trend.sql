-- $1 = day, week or month, $2 = how many periods, the latest. Periods with a sale or a return, the latest first.
SELECT date_trunc($1::text, day::timestamp)::date AS start, sum(lines)::bigint, sum(purchases)::bigint,
       trim_scale(sum(units))::text, trim_scale(sum(gross_revenue))::text, trim_scale(sum(returned_value))::text,
       trim_scale(sum(net_revenue))::text, trim_scale(round(sum(gross_revenue) / nullif(sum(purchases), 0), 4))::text
FROM analytics.daily_sales
GROUP BY start
ORDER BY start DESC
LIMIT $2
