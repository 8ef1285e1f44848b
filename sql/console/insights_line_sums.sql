-- What the lines behind a number come to. A purchase is an invoice with a sale line.
SELECT count(*), count(DISTINCT (f.source, f.invoice_no)) FILTER (WHERE f.kind = 'sale'),
       coalesce(trim_scale(sum(f.quantity) FILTER (WHERE f.kind = 'sale')), 0)::text,
       coalesce(trim_scale(sum(f.amount_base) FILTER (WHERE f.kind = 'sale')), 0)::text,
       coalesce(trim_scale(-sum(f.amount_base) FILTER (WHERE f.kind = 'return')), 0)::text,
       coalesce(trim_scale(sum(f.amount_base)), 0)::text
FROM analytics.fact_purchase_line AS f
WHERE f.kind IN ('sale', 'return') AND f.amount_base IS NOT NULL AND {where}
