-- name: mart_sums
-- severity: error
-- database: analytics
-- description: marts that cover all lines agree on lines, units and revenue, and cohorts with customers
WITH whole AS (
    SELECT 'daily_sales' AS mart, coalesce(sum(lines), 0) AS lines, coalesce(sum(units), 0) AS units,
           coalesce(sum(gross_revenue), 0) AS gross_revenue, coalesce(sum(returned_value), 0) AS returned_value, coalesce(sum(net_revenue), 0) AS net_revenue
    FROM analytics.daily_sales
), mart AS (
    SELECT 'hourly_sales' AS mart, coalesce(sum(lines), 0) AS lines, coalesce(sum(units), 0) AS units,
           coalesce(sum(gross_revenue), 0) AS gross_revenue, coalesce(sum(returned_value), 0) AS returned_value, coalesce(sum(net_revenue), 0) AS net_revenue
    FROM analytics.hourly_sales
    UNION ALL
    SELECT 'country_sales', coalesce(sum(lines), 0), coalesce(sum(units), 0),
           coalesce(sum(gross_revenue), 0), coalesce(sum(returned_value), 0), coalesce(sum(net_revenue), 0)
    FROM analytics.country_sales
)
SELECT mart.mart, mart.lines, whole.lines AS daily_lines, mart.units, whole.units AS daily_units,
       mart.net_revenue, whole.net_revenue AS daily_net_revenue
FROM mart, whole
WHERE (mart.lines, mart.units, mart.gross_revenue, mart.returned_value, mart.net_revenue)
      IS DISTINCT FROM (whole.lines, whole.units, whole.gross_revenue, whole.returned_value, whole.net_revenue)
UNION ALL
SELECT 'customer_cohorts', NULL, NULL, NULL, NULL, c.net, v.net
FROM (SELECT coalesce(sum(net_revenue), 0) AS net FROM analytics.customer_cohorts) AS c,
     (SELECT coalesce(sum(net_revenue), 0) AS net FROM analytics.customer_value) AS v
WHERE c.net <> v.net
