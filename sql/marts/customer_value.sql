-- rank() over the metric alone, worst first; $1 is as_of.
INSERT INTO customer_value
SELECT v.customer_id, d.country, v.purchases, v.gross_revenue, round(v.gross_revenue / v.purchases, 4), v.returned_value,
       v.net_revenue, v.first_purchase_at, v.last_purchase_at, v.recency_days, v.r, v.f, v.m, s.segment
FROM (
    SELECT a.*,
           1 + 5 * (rank() OVER (ORDER BY recency_days DESC) - 1) / count(*) OVER () AS r,
           1 + 5 * (rank() OVER (ORDER BY purchases) - 1) / count(*) OVER () AS f,
           1 + 5 * (rank() OVER (ORDER BY net_revenue) - 1) / count(*) OVER () AS m
    FROM (
        SELECT *, gross_revenue - returned_value AS net_revenue, $1::date - last_purchase_at::date AS recency_days
        FROM agg_customer WHERE lines > 0
    ) AS a
) AS v
JOIN segments AS s ON s.r_score = v.r AND s.f_score = v.f
LEFT JOIN dim_customer AS d ON d.customer_id = v.customer_id
