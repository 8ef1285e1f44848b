-- What each version of an invoice sold, by the products' ids: sold holds them all,
-- goods those that are no services, sorted. An array a basket is far less to group
-- than a row an item.
CREATE {scratch} TABLE basket_items AS
SELECT d.sign, array_agg(CASE WHEN d.is_service THEN -p.id ELSE p.id END) AS items
FROM delta_line AS d
JOIN agg_product AS p ON p.product_code = d.product_code
WHERE NOT d.is_return
GROUP BY d.version, d.sign, d.source, d.invoice_no;
CREATE {scratch} TABLE basket AS
SELECT sign, ARRAY(SELECT DISTINCT abs(i) FROM unnest(items) AS i) AS sold, ARRAY(SELECT DISTINCT i FROM unnest(items) AS i WHERE i > 0 ORDER BY i) AS goods
FROM basket_items;
DROP TABLE basket_items;
