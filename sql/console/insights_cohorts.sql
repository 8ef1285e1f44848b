-- $1 = how many first months, the latest. Returns from before the first purchase count in the totals of the marts,
-- but belong to no month of a cohort.
SELECT cohort_month, months_since, customers, active, trim_scale(net_revenue)::text
FROM analytics.customer_cohorts
WHERE months_since >= 0
  AND cohort_month IN (SELECT DISTINCT cohort_month FROM analytics.customer_cohorts ORDER BY cohort_month DESC LIMIT $1)
ORDER BY cohort_month, months_since
