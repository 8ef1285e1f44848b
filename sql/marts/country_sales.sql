INSERT INTO country_sales
SELECT nullif(a.key, ''), a.lines, a.purchases, coalesce(c.customers, 0), a.units, a.gross_revenue, a.returned_value, a.gross_revenue - a.returned_value
FROM agg_slice AS a
LEFT JOIN (SELECT key, count(*) AS customers FROM agg_slice_customer WHERE slice = 'country' GROUP BY key) AS c ON c.key = a.key
WHERE a.slice = 'country'
