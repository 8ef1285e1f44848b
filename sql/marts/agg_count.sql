-- How many invoices sold a product, how many baskets hold it, how many there are.
UPDATE agg_product AS p
SET invoices = p.invoices + d.invoices, baskets = p.baskets + d.baskets
FROM (
    SELECT i.product, sum(i.sign) AS invoices, coalesce(sum(i.sign) FILTER (WHERE i.goods AND b.basket IS NOT NULL), 0) AS baskets
    FROM item AS i
    LEFT JOIN basket_products AS b ON b.basket = i.basket
    GROUP BY i.product
) AS d
WHERE p.id = d.product;
UPDATE agg_total SET baskets = baskets + (SELECT coalesce(sum(sign), 0) FROM basket_products);
