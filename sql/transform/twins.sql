-- duplicates: collapse. Few lines have a twin, so a hash of three columns finds
-- the lines that may have one; collapsed.sql compares only these, and whole. The
-- setting holds the sources that collapse.
CREATE TEMP TABLE twin ON COMMIT DROP AS
SELECT h
FROM (
    SELECT hashtextextended(invoice_no, 0) # coalesce(hashtextextended(product_code, 1), 0) # hash_numeric_extended(quantity, 2) AS h
    FROM candidate
    WHERE source = ANY ((SELECT current_setting('penstock.collapse'))::text[])
) AS v
GROUP BY h HAVING count(*) > 1
