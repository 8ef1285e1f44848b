-- Lines of one invoice, hour, customer and country, summed up. The session's time
-- zone is the report's.
CREATE {scratch} TABLE visit AS
SELECT version, sign, is_return, source, invoice_no, customer_id, country, ordered_day, extract(hour FROM ordered_at)::int AS hour,
       count(*) AS lines, sum(units) AS units, sum(value) AS value, min(ordered_at) AS first_at, max(ordered_at) AS last_at
FROM delta_line
GROUP BY version, sign, is_return, source, invoice_no, customer_id, country, ordered_day, hour;
ANALYZE visit;
