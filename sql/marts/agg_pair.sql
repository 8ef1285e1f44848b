INSERT INTO agg_pair AS p (a, b, baskets)
SELECT a, b, baskets FROM pair_delta WHERE baskets <> 0
-- merge
ON CONFLICT (a, b) DO UPDATE SET baskets = p.baskets + excluded.baskets
