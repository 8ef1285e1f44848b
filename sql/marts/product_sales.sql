INSERT INTO product_sales
SELECT p.product_code, d.description, coalesce(d.is_service, false), p.units, p.gross_revenue, p.invoices, coalesce(c.customers, 0),
       p.returned_units, p.returned_value, p.gross_revenue - p.returned_value, p.first_sold_at, p.last_sold_at
FROM agg_product AS p
LEFT JOIN dim_product AS d ON d.product_code = p.product_code
LEFT JOIN (SELECT product, count(*) AS customers FROM agg_product_customer GROUP BY product) AS c ON c.product = p.id
