-- The distinct products that each version of an invoice sold, by short names: a
-- number for the basket and the product's id.
CREATE {scratch} TABLE basket AS
SELECT row_number() OVER ()::int AS id, version, sign, source, invoice_no
FROM (SELECT DISTINCT version, sign, source, invoice_no FROM visit WHERE NOT is_return) AS v;
ANALYZE basket;
CREATE {scratch} TABLE item AS
SELECT b.id AS basket, b.sign, p.id AS product, bool_or(NOT d.is_service) AS goods
FROM delta_line AS d
JOIN basket AS b ON b.version = d.version AND b.sign = d.sign AND b.source = d.source AND b.invoice_no = d.invoice_no
JOIN agg_product AS p ON p.product_code = d.product_code
WHERE NOT d.is_return
GROUP BY b.id, b.sign, p.id;
