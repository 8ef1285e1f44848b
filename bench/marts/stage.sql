-- The generated file, as ingest would have staged it: one load.
INSERT INTO staging.loads (source, entity, name, origin, sha256, file_sha256, fingerprint, state, started_at, read, loaded, rejected)
SELECT 'online-retail', 'purchases', 'bench.csv', 'bench.csv', sha256('bench'), sha256('bench'), sha256('bench'), 'loaded', now(), n, n, 0
FROM (SELECT count(*) AS n FROM public.bench_raw) AS r;
SELECT staging.ensure_partition(max(id)) FROM staging.loads;
SET timezone = 'Europe/London';
INSERT INTO staging.purchases (source, load_id, record, line, byte_offset, invoice_no, product_code, description, quantity, unit_price, ordered_at, customer_id, country)
SELECT 'online-retail', l.id, r.n, r.n + 1, r.n * 100, r.invoice_no, r.product_code, r.description, r.quantity, r.unit_price,
       r.ordered_at AT TIME ZONE 'Europe/London', regexp_replace(r.customer_id, '\.0$', ''), r.country
FROM public.bench_raw AS r, staging.loads AS l
ORDER BY r.n;
SELECT staging.index_partition(max(id)) FROM staging.loads;
