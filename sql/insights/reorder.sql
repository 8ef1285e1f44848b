-- $1 = how many. Where stock is known, what to order now; elsewhere the reorder
-- points of the products that earn most.
SELECT i.product_code, coalesce(p.description, ''), i.abc, i.xyz, trim_scale(i.weekly_mean)::text, i.reorder_point,
       trim_scale(i.on_hand)::text, i.order_quantity
FROM analytics.inventory AS i
JOIN analytics.product_sales AS p USING (product_code)
WHERE coalesce(i.order_quantity > 0, i.abc = 'A' AND i.reorder_point > 0)
ORDER BY i.order_quantity IS NULL, p.gross_revenue DESC, i.product_code
LIMIT $1
