f.kind = 'sale' AND f.product_code IN (@product::text, @with::text) AND (f.source, f.invoice_no) IN (
    SELECT source, invoice_no
    FROM analytics.fact_purchase_line
    WHERE kind = 'sale' AND amount_base IS NOT NULL AND NOT is_service AND (source, invoice_no) IN (
        SELECT source, invoice_no
        FROM analytics.fact_purchase_line
        WHERE kind = 'sale' AND amount_base IS NOT NULL AND product_code IN (@product::text, @with::text)
        GROUP BY source, invoice_no
        HAVING count(DISTINCT product_code) = 2
    )
    GROUP BY source, invoice_no
    HAVING count(DISTINCT product_code) BETWEEN (SELECT basket_min FROM analytics.agg_total) AND (SELECT basket_max FROM analytics.agg_total)
)
