f.ordered_day >= (@cohort::date + make_interval(months => @since::int)) AND f.ordered_day < (@cohort::date + make_interval(months => @since::int + 1))
AND f.customer_id IN (
    SELECT customer_id
    FROM analytics.customer_value
    WHERE date_trunc('month', first_purchase_at AT TIME ZONE @timezone::text) = @cohort::date
)
