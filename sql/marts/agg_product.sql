INSERT INTO agg_product AS a (product_code, lines, returns, units, gross_revenue, returned_units, returned_value, first_sold_at, last_sold_at)
SELECT product_code,
       coalesce(sum(sign * lines) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * lines) FILTER (WHERE is_return), 0),
       coalesce(sum(sign * units) FILTER (WHERE NOT is_return), 0), coalesce(sum(sign * value) FILTER (WHERE NOT is_return), 0),
       coalesce(sum(sign * units) FILTER (WHERE is_return), 0), coalesce(sum(sign * value) FILTER (WHERE is_return), 0),
       min(first_at) FILTER (WHERE NOT is_return AND sign > 0), max(last_at) FILTER (WHERE NOT is_return AND sign > 0)
FROM product_delta
GROUP BY product_code
ORDER BY product_code
-- merge
ON CONFLICT (product_code) DO UPDATE
SET lines = a.lines + excluded.lines, returns = a.returns + excluded.returns,
    units = a.units + excluded.units, gross_revenue = a.gross_revenue + excluded.gross_revenue,
    returned_units = a.returned_units + excluded.returned_units, returned_value = a.returned_value + excluded.returned_value,
    first_sold_at = least(a.first_sold_at, excluded.first_sold_at),
    last_sold_at = greatest(a.last_sold_at, excluded.last_sold_at)
