-- Customers of one segment, or of all (@segment is empty), the most valuable first.
SELECT customer_id, country, segment, purchases, trim_scale(gross_revenue) AS gross_revenue,
       trim_scale(avg_purchase_value) AS avg_purchase_value, trim_scale(returned_value) AS returned_value,
       trim_scale(net_revenue) AS net_revenue,
       (first_purchase_at AT TIME ZONE @timezone::text)::date AS first_purchase,
       (last_purchase_at AT TIME ZONE @timezone::text)::date AS last_purchase,
       recency_days, r_score, f_score, m_score
FROM analytics.customer_value
WHERE @segment::text = '' OR segment = @segment::text
ORDER BY net_revenue DESC, customer_id
LIMIT @limit
