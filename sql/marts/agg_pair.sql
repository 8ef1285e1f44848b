INSERT INTO agg_pair AS p (a, b, baskets)
SELECT a.product, d.b, d.baskets
FROM (SELECT DISTINCT product FROM pair_rest) AS a
CROSS JOIN LATERAL (
    SELECT r.b, sum(r.sign) AS baskets
    FROM (SELECT sign, unnest(rest) AS b FROM pair_rest AS x WHERE x.product = a.product) AS r
    GROUP BY r.b
) AS d
WHERE d.baskets <> 0
-- merge
ON CONFLICT (a, b) DO UPDATE SET baskets = p.baskets + excluded.baskets
