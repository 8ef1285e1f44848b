-- Facts without lineage, dimensions and marts, as counts and sums of hashes: equal data, equal text.
SELECT string_agg(name || ' ' || n || ' ' || coalesce(h, 0), E'\n' ORDER BY name)
FROM (
    SELECT 'facts' AS name, count(*) AS n, sum(hashtextextended(ROW(source, invoice_no, line_no, product_code, description, quantity, unit_price,
        discount_rate, discount, tax, currency, ordered_at, updated_at, customer_id, country, channel, status, kind, is_service,
        ordered_day, amount, amount_base)::text, 0)::numeric) AS h
    FROM analytics.fact_purchase_line
    UNION ALL SELECT 'dim_product', count(*), sum(hashtextextended(ROW(product_code, description, is_service)::text, 0)::numeric) FROM analytics.dim_product
    UNION ALL SELECT 'dim_customer', count(*), sum(hashtextextended(ROW(customer_id, country)::text, 0)::numeric) FROM analytics.dim_customer
    UNION ALL SELECT 'product_sales', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.product_sales AS t
    UNION ALL SELECT 'customer_value', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.customer_value AS t
    UNION ALL SELECT 'daily_sales', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.daily_sales AS t
    UNION ALL SELECT 'hourly_sales', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.hourly_sales AS t
    UNION ALL SELECT 'country_sales', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.country_sales AS t
    UNION ALL SELECT 'product_pairs', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.product_pairs AS t
    UNION ALL SELECT 'customer_cohorts', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.customer_cohorts AS t
    UNION ALL SELECT 'inventory', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM analytics.inventory AS t
) AS parts
