INSERT INTO touched
SELECT * FROM unnest($1::text[], $2::text[]) AS t(source, invoice_no)
EXCEPT
SELECT * FROM touched
