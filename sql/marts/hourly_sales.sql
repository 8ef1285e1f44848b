INSERT INTO hourly_sales
SELECT split_part(a.key, '-', 1)::smallint, split_part(a.key, '-', 2)::smallint, a.lines, a.purchases, coalesce(c.customers, 0), a.units, a.gross_revenue, a.returned_value, a.gross_revenue - a.returned_value
FROM agg_slice AS a
LEFT JOIN (SELECT key, count(*) AS customers FROM agg_slice_customer WHERE slice = 'hour' GROUP BY key) AS c ON c.key = a.key
WHERE a.slice = 'hour'
