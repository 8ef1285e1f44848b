-- One more day: the lines of the last day again, a day later, with invoice numbers of their own.
INSERT INTO staging.loads (source, entity, name, origin, sha256, file_sha256, fingerprint, state, started_at, read, loaded, rejected)
SELECT 'online-retail', 'purchases', 'day.csv', 'day.csv', sha256(convert_to('day' || count(*), 'UTF8')), sha256('day'), sha256('day'), 'loading', now(), 0, 0, 0
FROM staging.loads;
SELECT staging.ensure_partition(max(id)) FROM staging.loads;
WITH last AS (
    SELECT max(ordered_at) AS at FROM staging.purchases
), day AS (
    INSERT INTO staging.purchases (source, load_id, record, line, byte_offset, invoice_no, product_code, description, quantity, unit_price, ordered_at, customer_id, country)
    SELECT p.source, (SELECT max(id) FROM staging.loads), p.record, p.line, p.byte_offset, p.invoice_no || '/' || (SELECT max(id) FROM staging.loads),
           p.product_code, p.description, p.quantity, p.unit_price, p.ordered_at + interval '1 day', p.customer_id, p.country
    FROM staging.purchases AS p, last
    WHERE p.ordered_at > last.at - interval '10 hours'
    RETURNING 1
)
UPDATE staging.loads SET read = n, loaded = n, state = 'loaded'
FROM (SELECT count(*) AS n FROM day) AS d
WHERE id = (SELECT max(id) FROM staging.loads);
SELECT staging.index_partition(max(id)) FROM staging.loads;
