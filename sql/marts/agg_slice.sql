-- Days, hours of the week and countries. A version of an invoice counts once as a
-- purchase of each slice that one of its sale lines is in.
INSERT INTO agg_slice AS a (slice, key, lines, returns, purchases, units, gross_revenue, returned_value)
SELECT slice, key,
       coalesce(sum(sign * lines) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * lines) FILTER (WHERE is_return), 0),
       coalesce(sum(sign) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * units) FILTER (WHERE NOT is_return), 0),
       coalesce(sum(sign * value) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * value) FILTER (WHERE is_return), 0)
FROM (
    SELECT version, sign, is_return, source, invoice_no, slice, key, sum(lines) AS lines, sum(units) AS units, sum(value) AS value
    FROM visit
    CROSS JOIN LATERAL (VALUES
        ('day', ordered_day::text),
        ('hour', extract(isodow FROM ordered_day) || '-' || lpad(hour::text, 2, '0')),
        ('country', coalesce(country, ''))) AS k(slice, key)
    GROUP BY version, sign, is_return, source, invoice_no, slice, key
) AS v
GROUP BY slice, key
-- merge
ON CONFLICT (slice, key) DO UPDATE
SET lines = a.lines + excluded.lines, returns = a.returns + excluded.returns, purchases = a.purchases + excluded.purchases,
    units = a.units + excluded.units, gross_revenue = a.gross_revenue + excluded.gross_revenue,
    returned_value = a.returned_value + excluded.returned_value
