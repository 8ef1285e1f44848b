-- $1 = the version of the facts that was published: the months with facts, and
-- whether they changed since.
SELECT month, version > $1
FROM analytics.fact_months
ORDER BY month
