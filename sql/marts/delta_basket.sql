-- The baskets that product_pairs looks at, each as a sorted array of products.
CREATE {scratch} TABLE basket_products AS
SELECT basket, sign, array_agg(product ORDER BY product) AS products
FROM item
WHERE goods
GROUP BY basket, sign
HAVING count(*) BETWEEN (SELECT basket_min FROM agg_total) AND (SELECT basket_max FROM agg_total);
