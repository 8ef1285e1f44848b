-- A rebuild changes every month there was and every month there is.
CREATE TEMP TABLE rebuilt_month ON COMMIT DROP AS
SELECT date_trunc('month', ordered_at AT TIME ZONE 'UTC')::date AS month FROM analytics_build.fact_purchase_line GROUP BY 1;
UPDATE analytics.fact_months SET version = (SELECT version + 1 FROM analytics.meta);
INSERT INTO analytics.fact_months (month, version)
SELECT month, (SELECT version + 1 FROM analytics.meta) FROM rebuilt_month
ON CONFLICT (month) DO NOTHING;
DROP TABLE rebuilt_month;
