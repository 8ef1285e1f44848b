-- The facts, in the columns' order of fact_purchase_line. The session's time zone
-- is the report's. The amount of a line is decimal(38,9): exact wherever a source
-- needs no more than nine decimals (quantity has three and unit_price six), and
-- else rounded once, half away from zero, so that every engine gets the same. What
-- does not fit into it after conversion counts as without a rate.
SELECT p.source, p.invoice_no, p.line_no, p.product_code, p.description, p.quantity, p.unit_price, p.discount_rate, p.discount, p.tax,
       p.currency, p.ordered_at, p.updated_at, p.customer_id, p.country, p.channel, p.status, p.kind, p.is_service, p.ordered_day,
       round(p.exact, 9) AS amount,
       CASE WHEN p.currency = p.base_currency THEN round(p.exact, 9)
            ELSE (
                SELECT CASE WHEN abs(p.exact * e.rate) < 1e28 THEN round(p.exact * e.rate, 9) END
                FROM staging.rates AS e
                WHERE e.currency = p.currency AND e.day BETWEEN p.ordered_day - p.max_age_days AND p.ordered_day
                ORDER BY e.day DESC LIMIT 1)
       END AS amount_base,
       p.extra, p.load_id, p.record, p.line, p.byte_offset
FROM (
    SELECT c.source, c.invoice_no, c.line_no, c.product_code, c.description, c.quantity, c.unit_price, c.discount_rate, c.discount, c.tax,
           coalesce(c.currency, r.currency) AS currency, c.ordered_at, c.updated_at, c.customer_id, c.country, c.channel, c.status,
           CASE
               WHEN c.status = ANY (r.void_status) THEN 'void'
               WHEN starts_with(c.invoice_no, r.adjust_prefix) THEN 'adjustment'
               WHEN starts_with(c.invoice_no, r.return_prefix) OR c.status = ANY (r.return_status)
                    OR (c.quantity < 0 AND c.unit_price > 0) THEN 'return'
               WHEN c.quantity <= 0 THEN 'stock_movement'
               WHEN c.unit_price <= 0 THEN 'giveaway'
               ELSE 'sale'
           END AS kind,
           s.product_code IS NOT NULL OR coalesce(c.product_code LIKE ANY (r.service_like), false) AS is_service,
           c.ordered_at::date AS ordered_day,
           CASE
               WHEN c.discount_rate = 0 AND c.discount = 0 AND NOT r.tax_included THEN c.quantity * c.unit_price
               ELSE c.quantity * c.unit_price * (1 - c.discount_rate) - c.discount
                    - CASE WHEN r.tax_included THEN coalesce(c.tax, 0) ELSE 0 END
           END AS exact,
           t.base_currency, t.max_age_days,
           c.extra, c.load_id, c.record, c.line, c.byte_offset
    FROM candidate AS c
    CROSS JOIN setting AS t
    JOIN rule AS r ON r.source = c.source
    LEFT JOIN service_code AS s ON s.source = c.source AND s.product_code = c.product_code
    WHERE NOT EXISTS (SELECT FROM dropped AS d WHERE d.load_id = c.load_id AND d.record = c.record)
    OFFSET 0
) AS p
