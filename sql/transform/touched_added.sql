INSERT INTO touched
SELECT DISTINCT source, invoice_no FROM staging.purchases WHERE load_id = ANY ($1)
