-- For each product of a basket that product_pairs looks at the products after it.
-- Counting pairs one product at a time keeps the hash table small enough for the
-- processor's cache, which makes it several times faster than one grouping of all.
CREATE {scratch} TABLE pair_rest AS
SELECT u.product, b.sign, b.goods[u.place + 1:] AS rest
FROM basket AS b, unnest(b.goods) WITH ORDINALITY AS u(product, place)
WHERE cardinality(b.goods) BETWEEN (SELECT basket_min FROM agg_total) AND (SELECT basket_max FROM agg_total);
CREATE INDEX ON pair_rest (product);
ANALYZE pair_rest;
