INSERT INTO analytics.fact_months AS m
SELECT DISTINCT date_trunc('month', ordered_at AT TIME ZONE 'UTC')::date, $1::bigint FROM changed
ON CONFLICT (month) DO UPDATE SET version = excluded.version
