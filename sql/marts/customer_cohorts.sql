-- A customer belongs to the month of the first purchase. A return may come before
-- that month, when the data begins too late: months_since is negative then.
INSERT INTO customer_cohorts
WITH member AS (
    SELECT customer_id, date_trunc('month', first_purchase_at)::date AS cohort FROM agg_customer WHERE lines > 0
), size AS (
    SELECT cohort, count(*) AS customers FROM member GROUP BY cohort
)
SELECT m.cohort,
       ((extract(year FROM a.month) - extract(year FROM m.cohort)) * 12 + extract(month FROM a.month) - extract(month FROM m.cohort))::int,
       s.customers, count(*) FILTER (WHERE a.lines > 0), sum(a.net_revenue)
FROM member AS m
JOIN size AS s ON s.cohort = m.cohort
JOIN agg_customer_month AS a ON a.customer_id = m.customer_id
GROUP BY m.cohort, a.month, s.customers
