-- name: daily_sums
-- severity: error
-- database: analytics
-- description: daily_sales holds the sums of the facts, day by day, in the months that changed
WITH changed AS (
    SELECT min(month) - 1 AS low, (max(month) + interval '1 month')::date AS high
    FROM analytics.fact_months WHERE version > (SELECT checked_version FROM analytics.meta)
), fact AS (
    SELECT ordered_day AS day, count(*) FILTER (WHERE kind = 'sale') AS lines,
           coalesce(sum(quantity) FILTER (WHERE kind = 'sale'), 0) AS units,
           coalesce(sum(amount_base) FILTER (WHERE kind = 'sale'), 0) AS gross_revenue,
           coalesce(sum(abs(amount_base)) FILTER (WHERE kind = 'return'), 0) AS returned_value
    FROM analytics.fact_purchase_line
    WHERE kind IN ('sale', 'return') AND amount_base IS NOT NULL AND ordered_day BETWEEN (SELECT low FROM changed) AND (SELECT high FROM changed)
    GROUP BY ordered_day
), mart AS (
    SELECT * FROM analytics.daily_sales WHERE day BETWEEN (SELECT low FROM changed) AND (SELECT high FROM changed)
)
SELECT day, fact.lines AS fact_lines, mart.lines AS mart_lines, fact.gross_revenue AS fact_gross_revenue, mart.gross_revenue AS mart_gross_revenue,
       fact.returned_value AS fact_returned_value, mart.returned_value AS mart_returned_value
FROM fact
FULL JOIN mart USING (day)
WHERE (fact.lines, fact.units, fact.gross_revenue, fact.returned_value, fact.gross_revenue - fact.returned_value)
      IS DISTINCT FROM (mart.lines, mart.units, mart.gross_revenue, mart.returned_value, mart.net_revenue)
ORDER BY day
