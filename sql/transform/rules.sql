WITH rules AS (
    SELECT * FROM jsonb_to_recordset($1) AS r(
        source text, currency text, tax_included bool, collapse bool, replace bool, return_prefix text, adjust_prefix text,
        void_status text[], return_status text[], service_like text[], service_codes text[])
), codes AS (
    INSERT INTO service_code SELECT DISTINCT source, unnest(service_codes) FROM rules
)
INSERT INTO rule
SELECT source, currency, tax_included, collapse, replace, nullif(return_prefix, ''), nullif(adjust_prefix, ''),
       void_status, return_status, service_like
FROM rules
