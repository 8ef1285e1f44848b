-- What to order first: by order quantity where stock is known, then what earns most. With @due only products to
-- order now or, as long as no stock is known, those of class A with a reorder point.
SELECT i.product_code, p.description, i.abc, i.xyz, trim_scale(i.weekly_mean) AS weekly_mean,
       trim_scale(round(sqrt(i.weekly_var), 6)) AS weekly_deviation, i.weeks_since_sale, trim_scale(i.on_hand) AS on_hand,
       trim_scale(i.on_order) AS on_order, i.reorder_point, i.order_quantity, trim_scale(p.gross_revenue) AS gross_revenue
FROM analytics.inventory AS i
LEFT JOIN analytics.product_sales AS p USING (product_code)
WHERE NOT @due OR coalesce(i.order_quantity > 0, i.abc = 'A' AND i.reorder_point > 0)
ORDER BY coalesce(i.order_quantity, 0) DESC, p.gross_revenue DESC NULLS LAST, i.product_code
LIMIT @limit
