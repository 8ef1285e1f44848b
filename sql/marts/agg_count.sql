-- How many invoices sold a product, how many baskets hold it, how many there are of both.
UPDATE agg_product AS p SET invoices = p.invoices + d.invoices
FROM (SELECT product, sum(sign) AS invoices FROM basket, unnest(sold) AS product GROUP BY product) AS d
WHERE p.id = d.product;
UPDATE agg_product AS p SET baskets = p.baskets + d.baskets
FROM (SELECT product, sum(sign) AS baskets FROM pair_rest GROUP BY product) AS d
WHERE p.id = d.product;
UPDATE agg_total
SET baskets = baskets + (
    SELECT coalesce(sum(sign), 0) FROM basket
    WHERE cardinality(goods) BETWEEN (SELECT basket_min FROM agg_total) AND (SELECT basket_max FROM agg_total)),
    purchases = purchases + (
    SELECT coalesce(sum(sign), 0)
    FROM (SELECT DISTINCT version, sign, source, invoice_no FROM visit WHERE NOT is_return) AS v);
