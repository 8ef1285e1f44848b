CREATE {scratch} TABLE pair_delta AS
SELECT a, b, sum(sign) AS baskets
FROM (
    SELECT sign, products[i] AS a, unnest(products[i + 1:]) AS b
    FROM basket_products, generate_series(1, cardinality(products) - 1) AS i
) AS p
GROUP BY a, b;
