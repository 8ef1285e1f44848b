-- Which customers bought in a slice.
INSERT INTO agg_slice_customer AS a (slice, key, customer_id, lines)
SELECT slice, key, customer_id, sum(sign * lines)
FROM visit
CROSS JOIN LATERAL (VALUES
    ('day', ordered_day::text),
    ('hour', extract(isodow FROM ordered_day) || '-' || lpad(hour::text, 2, '0')),
    ('country', coalesce(country, ''))) AS k(slice, key)
WHERE NOT is_return AND customer_id IS NOT NULL
GROUP BY slice, key, customer_id
-- merge
ON CONFLICT (slice, key, customer_id) DO UPDATE SET lines = a.lines + excluded.lines
