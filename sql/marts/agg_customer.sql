INSERT INTO agg_customer AS a (customer_id, lines, returns, purchases, gross_revenue, returned_value, first_purchase_at, last_purchase_at)
SELECT customer_id,
       coalesce(sum(sign * lines) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * lines) FILTER (WHERE is_return), 0),
       coalesce(sum(sign) FILTER (WHERE NOT is_return), 0),
       coalesce(sum(sign * value) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * value) FILTER (WHERE is_return), 0),
       min(first_at) FILTER (WHERE NOT is_return AND sign > 0), max(last_at) FILTER (WHERE NOT is_return AND sign > 0)
FROM (
    SELECT version, sign, is_return, source, invoice_no, customer_id, sum(lines) AS lines, sum(value) AS value,
           min(first_at) AS first_at, max(last_at) AS last_at
    FROM visit
    WHERE customer_id IS NOT NULL
    GROUP BY version, sign, is_return, source, invoice_no, customer_id
) AS v
GROUP BY customer_id
-- merge
ON CONFLICT (customer_id) DO UPDATE
SET lines = a.lines + excluded.lines, returns = a.returns + excluded.returns, purchases = a.purchases + excluded.purchases,
    gross_revenue = a.gross_revenue + excluded.gross_revenue, returned_value = a.returned_value + excluded.returned_value,
    first_purchase_at = least(a.first_purchase_at, excluded.first_purchase_at),
    last_purchase_at = greatest(a.last_purchase_at, excluded.last_purchase_at)
