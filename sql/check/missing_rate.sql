-- name: missing_rate
-- severity: error
-- database: analytics
-- description: every amount has a rate to the base currency; lines without one are outside the marts
SELECT currency, min(ordered_day) AS first_day, max(ordered_day) AS last_day, count(*) AS lines
FROM analytics.fact_purchase_line
WHERE amount_base IS NULL
GROUP BY currency
ORDER BY currency
