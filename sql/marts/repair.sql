-- Where lines left, the first and the last sale are looked up again by index, and
-- what is left without lines goes.
UPDATE agg_product AS p
SET (first_sold_at, last_sold_at) = (
    SELECT min(f.ordered_at), max(f.ordered_at) FROM fact_purchase_line AS f
    WHERE f.product_code = p.product_code AND f.kind = 'sale' AND f.amount_base IS NOT NULL)
WHERE p.product_code IN (SELECT product_code FROM delta_line WHERE sign < 0 AND NOT is_return);
UPDATE agg_customer AS c
SET (first_purchase_at, last_purchase_at) = (
    SELECT min(f.ordered_at), max(f.ordered_at) FROM fact_purchase_line AS f
    WHERE f.customer_id = c.customer_id AND f.kind = 'sale' AND f.amount_base IS NOT NULL)
WHERE c.customer_id IN (SELECT customer_id FROM delta_line WHERE sign < 0 AND NOT is_return);
DELETE FROM agg_slice WHERE lines = 0 AND returns = 0;
DELETE FROM agg_slice_customer WHERE lines = 0;
DELETE FROM agg_customer WHERE lines = 0 AND returns = 0;
DELETE FROM agg_customer_month WHERE lines = 0 AND returns = 0;
DELETE FROM agg_product_customer WHERE lines = 0;
DELETE FROM agg_product WHERE lines = 0 AND returns = 0;
DELETE FROM agg_pair WHERE baskets = 0;
