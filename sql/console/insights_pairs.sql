-- Products bought together; @by is lift, invoices or confidence (the greater of the two).
WITH pair AS MATERIALIZED (
    SELECT product_a, product_b, invoices, support, confidence_ab, confidence_ba, lift
    FROM analytics.product_pairs
    ORDER BY CASE @by::text WHEN 'invoices' THEN invoices WHEN 'confidence' THEN greatest(confidence_ab, confidence_ba) ELSE lift END DESC,
             product_a, product_b
    LIMIT @limit
)
SELECT p.product_a, a.description AS description_a, p.product_b, b.description AS description_b, p.invoices,
       trim_scale(p.support) AS support, trim_scale(p.confidence_ab) AS confidence_ab, trim_scale(p.confidence_ba) AS confidence_ba,
       trim_scale(p.lift) AS lift
FROM pair AS p
LEFT JOIN analytics.product_sales AS a ON a.product_code = p.product_a
LEFT JOIN analytics.product_sales AS b ON b.product_code = p.product_b
ORDER BY CASE @by::text WHEN 'invoices' THEN p.invoices WHEN 'confidence' THEN greatest(p.confidence_ab, p.confidence_ba) ELSE p.lift END DESC,
         p.product_a, p.product_b
