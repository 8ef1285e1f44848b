-- The same facts, indexes and marts by hand: plain SQL in one database, written for
-- these rules and this data, with what an experienced hand does about speed:
-- parallel CREATE TABLE AS, invoices grouped before distinct ones are counted, short
-- keys for the self join of baskets. PINNED: a change here changes what is measured.
-- phase: settings
SET timezone = 'Europe/London';
SET jit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SET max_parallel_workers_per_gather = 2;
DROP SCHEMA IF EXISTS hand CASCADE;
CREATE SCHEMA hand;
CREATE TABLE hand.segments AS
SELECT r, f, (CASE
    WHEN r = 5 AND f >= 4 THEN 'champion' WHEN r >= 3 AND f >= 4 THEN 'loyal' WHEN r >= 4 AND f >= 2 THEN 'potential loyalist'
    WHEN r = 5 THEN 'new' WHEN r = 4 THEN 'promising' WHEN r = 3 AND f = 3 THEN 'needs attention' WHEN r = 3 THEN 'about to sleep'
    WHEN f = 5 THEN 'cannot lose' WHEN f >= 3 THEN 'at risk' ELSE 'hibernating' END) COLLATE "C" AS segment
FROM generate_series(1, 5) AS r, generate_series(1, 5) AS f;
-- phase: facts
CREATE TABLE hand.fact_purchase_line AS
SELECT source, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate, discount, tax,
       coalesce(currency, 'GBP') COLLATE "C" AS currency, ordered_at, updated_at, customer_id, country, channel, status,
       (CASE WHEN starts_with(invoice_no, 'A') THEN 'adjustment'
             WHEN starts_with(invoice_no, 'C') OR (quantity < 0 AND unit_price > 0) THEN 'return'
             WHEN quantity <= 0 THEN 'stock_movement'
             WHEN unit_price <= 0 THEN 'giveaway'
             ELSE 'sale' END) COLLATE "C" AS kind,
       coalesce(product_code IN ('POST', 'DOT', 'M', 'm', 'D', 'S', 'B', 'C2', 'CRUK', 'PADS', 'AMAZONFEE', 'BANK CHARGES')
                OR product_code LIKE 'gift\_%' OR product_code LIKE 'DCGS%', false) AS is_service,
       ordered_at::date AS ordered_day,
       round(quantity * unit_price * (1 - discount_rate) - discount, 9)::numeric(38,9) AS amount,
       round(quantity * unit_price * (1 - discount_rate) - discount, 9)::numeric(38,9) AS amount_base,
       extra, load_id, record, line, byte_offset
FROM (
    SELECT DISTINCT ON (source, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate, discount, tax,
                        currency, ordered_at, updated_at, customer_id, country, channel, status) *
    FROM staging.purchases
    ORDER BY source, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate, discount, tax,
             currency, ordered_at, updated_at, customer_id, country, channel, status, load_id, record
) AS p;
-- phase: indexes
CREATE INDEX ON hand.fact_purchase_line (source, invoice_no);
CREATE INDEX ON hand.fact_purchase_line (product_code, ordered_at);
CREATE INDEX ON hand.fact_purchase_line (customer_id, ordered_at);
CREATE INDEX ON hand.fact_purchase_line USING brin (ordered_at, ordered_day) WITH (pages_per_range = 32);
CREATE INDEX ON hand.fact_purchase_line (ordered_at) WHERE amount_base IS NULL OR unit_price < 0;
ANALYZE hand.fact_purchase_line;
-- phase: dimensions
CREATE TABLE hand.dim_product AS
SELECT product_code, (array_agg(description ORDER BY sale DESC, at DESC, description DESC) FILTER (WHERE description IS NOT NULL))[1] AS description,
       bool_or(is_service) AS is_service
FROM (
    SELECT product_code, description, kind = 'sale' AS sale, max(ordered_at) AS at, bool_or(is_service) AS is_service
    FROM hand.fact_purchase_line WHERE product_code IS NOT NULL GROUP BY 1, 2, 3
) AS d GROUP BY product_code;
CREATE TABLE hand.dim_customer AS
SELECT customer_id, (array_agg(country ORDER BY sale DESC, at DESC, country DESC) FILTER (WHERE country IS NOT NULL))[1] AS country
FROM (
    SELECT customer_id, country, kind = 'sale' AS sale, max(ordered_at) AS at
    FROM hand.fact_purchase_line WHERE customer_id IS NOT NULL GROUP BY 1, 2, 3
) AS d GROUP BY customer_id;
-- phase: product_sales
CREATE TABLE hand.product_sales AS
WITH invoice AS (
    SELECT product_code, source, invoice_no, count(*) FILTER (WHERE kind = 'sale') AS lines,
           sum(quantity) FILTER (WHERE kind = 'sale') AS units, sum(amount_base) FILTER (WHERE kind = 'sale') AS gross,
           sum(abs(quantity)) FILTER (WHERE kind = 'return') AS returned_units, sum(abs(amount_base)) FILTER (WHERE kind = 'return') AS returned_value,
           min(ordered_at) FILTER (WHERE kind = 'sale') AS first_at, max(ordered_at) FILTER (WHERE kind = 'sale') AS last_at
    FROM hand.fact_purchase_line
    WHERE kind IN ('sale', 'return') AND product_code IS NOT NULL
    GROUP BY 1, 2, 3
), buyer AS (
    SELECT product_code, count(*) AS customers
    FROM (SELECT product_code, customer_id FROM hand.fact_purchase_line
          WHERE kind = 'sale' AND product_code IS NOT NULL AND customer_id IS NOT NULL GROUP BY 1, 2) AS b
    GROUP BY 1
), product AS (
    SELECT product_code, coalesce(sum(units), 0) AS units, coalesce(sum(gross), 0) AS gross, count(*) FILTER (WHERE lines > 0) AS invoices,
           coalesce(sum(returned_units), 0) AS returned_units, coalesce(sum(returned_value), 0) AS returned_value,
           min(first_at) AS first_at, max(last_at) AS last_at
    FROM invoice GROUP BY 1
)
SELECT p.product_code, d.description, d.is_service, p.units::numeric(38,3), p.gross::numeric(38,9) AS gross_revenue, p.invoices,
       coalesce(b.customers, 0) AS customers, p.returned_units::numeric(38,3), p.returned_value::numeric(38,9),
       (p.gross - p.returned_value)::numeric(38,9) AS net_revenue, p.first_at AS first_sold_at, p.last_at AS last_sold_at
FROM product AS p JOIN hand.dim_product AS d USING (product_code) LEFT JOIN buyer AS b USING (product_code);
-- phase: customer_value
CREATE TABLE hand.customer_value AS
WITH invoice AS (
    SELECT customer_id, source, invoice_no, count(*) FILTER (WHERE kind = 'sale') AS lines, sum(amount_base) FILTER (WHERE kind = 'sale') AS gross,
           sum(abs(amount_base)) FILTER (WHERE kind = 'return') AS returned,
           min(ordered_at) FILTER (WHERE kind = 'sale') AS first_at, max(ordered_at) FILTER (WHERE kind = 'sale') AS last_at
    FROM hand.fact_purchase_line
    WHERE kind IN ('sale', 'return') AND customer_id IS NOT NULL
    GROUP BY 1, 2, 3
), as_of AS (
    SELECT max(ordered_day) AS day FROM hand.fact_purchase_line WHERE kind = 'sale'
), customer AS (
    SELECT customer_id, count(*) FILTER (WHERE lines > 0) AS purchases, coalesce(sum(gross), 0) AS gross, coalesce(sum(returned), 0) AS returned,
           min(first_at) AS first_at, max(last_at) AS last_at, max(as_of.day) - max(last_at)::date AS recency_days
    FROM invoice, as_of GROUP BY 1 HAVING count(*) FILTER (WHERE lines > 0) > 0
), scored AS (
    SELECT *, 1 + 5 * (rank() OVER (ORDER BY recency_days DESC) - 1) / count(*) OVER () AS r,
           1 + 5 * (rank() OVER (ORDER BY purchases) - 1) / count(*) OVER () AS f,
           1 + 5 * (rank() OVER (ORDER BY gross - returned) - 1) / count(*) OVER () AS m
    FROM customer
)
SELECT c.customer_id, d.country, c.purchases, c.gross::numeric(38,9) AS gross_revenue, round(c.gross / c.purchases, 4)::numeric(38,4) AS avg_purchase_value,
       c.returned::numeric(38,9) AS returned_value, (c.gross - c.returned)::numeric(38,9) AS net_revenue,
       c.first_at AS first_purchase_at, c.last_at AS last_purchase_at, c.recency_days, c.r::smallint AS r_score, c.f::smallint AS f_score, c.m::smallint AS m_score, s.segment
FROM scored AS c JOIN hand.dim_customer AS d USING (customer_id)
JOIN hand.segments AS s ON s.r = c.r AND s.f = c.f;
-- phase: daily_sales
CREATE TABLE hand.daily_sales AS
WITH invoice AS (
    SELECT ordered_day AS day, source, invoice_no, count(*) FILTER (WHERE kind = 'sale') AS lines, sum(quantity) FILTER (WHERE kind = 'sale') AS units,
           sum(amount_base) FILTER (WHERE kind = 'sale') AS gross, sum(abs(amount_base)) FILTER (WHERE kind = 'return') AS returned
    FROM hand.fact_purchase_line WHERE kind IN ('sale', 'return') GROUP BY 1, 2, 3
), buyer AS (
    SELECT day, count(*) AS customers FROM (
        SELECT ordered_day AS day, customer_id FROM hand.fact_purchase_line WHERE kind = 'sale' AND customer_id IS NOT NULL GROUP BY 1, 2) AS b GROUP BY 1
)
SELECT day, sum(lines)::bigint AS lines, count(*) FILTER (WHERE lines > 0) AS purchases, coalesce(max(b.customers), 0) AS customers,
       coalesce(sum(units), 0)::numeric(38,3) AS units, coalesce(sum(gross), 0)::numeric(38,9) AS gross_revenue,
       coalesce(sum(returned), 0)::numeric(38,9) AS returned_value, (coalesce(sum(gross), 0) - coalesce(sum(returned), 0))::numeric(38,9) AS net_revenue
FROM invoice LEFT JOIN buyer AS b USING (day) GROUP BY day;
-- phase: hourly_sales
CREATE TABLE hand.hourly_sales AS
WITH invoice AS (
    SELECT extract(isodow FROM ordered_at)::smallint AS weekday, extract(hour FROM ordered_at)::smallint AS hour, source, invoice_no,
           count(*) FILTER (WHERE kind = 'sale') AS lines, sum(quantity) FILTER (WHERE kind = 'sale') AS units,
           sum(amount_base) FILTER (WHERE kind = 'sale') AS gross, sum(abs(amount_base)) FILTER (WHERE kind = 'return') AS returned
    FROM hand.fact_purchase_line WHERE kind IN ('sale', 'return') GROUP BY 1, 2, 3, 4
), buyer AS (
    SELECT weekday, hour, count(*) AS customers FROM (
        SELECT extract(isodow FROM ordered_at)::smallint AS weekday, extract(hour FROM ordered_at)::smallint AS hour, customer_id
        FROM hand.fact_purchase_line WHERE kind = 'sale' AND customer_id IS NOT NULL GROUP BY 1, 2, 3) AS b GROUP BY 1, 2
)
SELECT weekday, hour, sum(lines)::bigint AS lines, count(*) FILTER (WHERE lines > 0) AS purchases, coalesce(max(b.customers), 0) AS customers,
       coalesce(sum(units), 0)::numeric(38,3) AS units, coalesce(sum(gross), 0)::numeric(38,9) AS gross_revenue,
       coalesce(sum(returned), 0)::numeric(38,9) AS returned_value, (coalesce(sum(gross), 0) - coalesce(sum(returned), 0))::numeric(38,9) AS net_revenue
FROM invoice LEFT JOIN buyer AS b USING (weekday, hour) GROUP BY weekday, hour;
-- phase: country_sales
CREATE TABLE hand.country_sales AS
WITH invoice AS (
    SELECT country, source, invoice_no, count(*) FILTER (WHERE kind = 'sale') AS lines, sum(quantity) FILTER (WHERE kind = 'sale') AS units,
           sum(amount_base) FILTER (WHERE kind = 'sale') AS gross, sum(abs(amount_base)) FILTER (WHERE kind = 'return') AS returned
    FROM hand.fact_purchase_line WHERE kind IN ('sale', 'return') GROUP BY 1, 2, 3
), buyer AS (
    SELECT country, count(*) AS customers FROM (
        SELECT country, customer_id FROM hand.fact_purchase_line WHERE kind = 'sale' AND customer_id IS NOT NULL GROUP BY 1, 2) AS b GROUP BY 1
)
SELECT i.country, sum(lines)::bigint AS lines, count(*) FILTER (WHERE lines > 0) AS purchases, coalesce(max(b.customers), 0) AS customers,
       coalesce(sum(units), 0)::numeric(38,3) AS units, coalesce(sum(gross), 0)::numeric(38,9) AS gross_revenue,
       coalesce(sum(returned), 0)::numeric(38,9) AS returned_value, (coalesce(sum(gross), 0) - coalesce(sum(returned), 0))::numeric(38,9) AS net_revenue
FROM invoice AS i LEFT JOIN buyer AS b ON b.country IS NOT DISTINCT FROM i.country GROUP BY i.country;
-- phase: product_pairs
CREATE UNLOGGED TABLE hand.product AS SELECT (row_number() OVER (ORDER BY product_code))::int AS id, product_code FROM hand.dim_product;
CREATE UNLOGGED TABLE hand.invoice AS
SELECT (row_number() OVER ())::int AS id, source, invoice_no
FROM (SELECT DISTINCT source, invoice_no FROM hand.fact_purchase_line WHERE kind = 'sale' AND NOT is_service AND product_code IS NOT NULL) AS i;
ANALYZE hand.product;
ANALYZE hand.invoice;
CREATE UNLOGGED TABLE hand.item AS
SELECT i.id AS invoice, p.id AS product
FROM hand.fact_purchase_line AS f
JOIN hand.invoice AS i USING (source, invoice_no)
JOIN hand.product AS p USING (product_code)
WHERE f.kind = 'sale' AND NOT f.is_service
GROUP BY 1, 2;
CREATE UNLOGGED TABLE hand.basket AS
SELECT invoice, product FROM (SELECT invoice, product, count(*) OVER (PARTITION BY invoice) AS n FROM hand.item) AS i WHERE n BETWEEN 2 AND 100;
ANALYZE hand.basket;
CREATE TABLE hand.product_pairs AS
WITH pair AS (
    SELECT x.product AS a, y.product AS b, count(*) AS n
    FROM hand.basket AS x JOIN hand.basket AS y ON y.invoice = x.invoice AND x.product < y.product
    GROUP BY 1, 2 HAVING count(*) >= 20
), single AS (
    SELECT product, count(*) AS n FROM hand.basket GROUP BY 1
), total AS (
    SELECT count(DISTINCT invoice) AS n FROM hand.basket
)
SELECT pa.product_code AS product_a, pb.product_code AS product_b, p.n AS invoices,
       round(p.n::numeric / t.n, 6)::numeric(38,6) AS support, round(p.n::numeric / sa.n, 6)::numeric(38,6) AS confidence_ab,
       round(p.n::numeric / sb.n, 6)::numeric(38,6) AS confidence_ba, round(p.n::numeric * t.n / (sa.n::numeric * sb.n), 6)::numeric(38,6) AS lift
FROM pair AS p
JOIN single AS sa ON sa.product = p.a JOIN single AS sb ON sb.product = p.b
JOIN hand.product AS pa ON pa.id = p.a JOIN hand.product AS pb ON pb.id = p.b
CROSS JOIN total AS t;
-- phase: customer_cohorts
CREATE TABLE hand.customer_cohorts AS
WITH month AS (
    SELECT customer_id, date_trunc('month', ordered_day)::date AS month, count(*) FILTER (WHERE kind = 'sale') AS lines,
           coalesce(sum(amount_base) FILTER (WHERE kind = 'sale'), 0) - coalesce(sum(abs(amount_base)) FILTER (WHERE kind = 'return'), 0) AS net
    FROM hand.fact_purchase_line WHERE kind IN ('sale', 'return') AND customer_id IS NOT NULL GROUP BY 1, 2
), member AS (
    SELECT customer_id, date_trunc('month', first_purchase_at)::date AS cohort FROM hand.customer_value
), size AS (
    SELECT cohort, count(*) AS customers FROM member GROUP BY 1
)
SELECT cohort AS cohort_month,
       ((extract(year FROM month) - extract(year FROM cohort)) * 12 + extract(month FROM month) - extract(month FROM cohort))::int AS months_since,
       customers, count(*) FILTER (WHERE lines > 0) AS active, sum(net)::numeric(38,9) AS net_revenue
FROM month JOIN member USING (customer_id) JOIN size USING (cohort)
GROUP BY cohort, month, customers;
-- phase: inventory
CREATE TABLE hand.inventory AS
WITH as_of AS (
    SELECT max(ordered_day) AS day FROM hand.fact_purchase_line WHERE kind = 'sale'
), block AS (
    SELECT product_code, sum(quantity) AS units
    FROM hand.fact_purchase_line, as_of
    WHERE kind = 'sale' AND product_code IS NOT NULL AND ordered_day > (SELECT day FROM as_of) - 91
    GROUP BY product_code, (as_of.day - ordered_day) / 7
), sold AS (
    SELECT product_code, sum(units) AS s, sum(units * units) AS q FROM block GROUP BY 1
), product AS (
    SELECT p.product_code, p.gross_revenue,
           sum(p.gross_revenue) OVER (ORDER BY p.gross_revenue DESC, p.product_code ROWS UNBOUNDED PRECEDING) - p.gross_revenue AS before,
           sum(p.gross_revenue) OVER () AS total, (a.day - p.last_sold_at::date) / 7 AS weeks_since_sale,
           CASE WHEN p.first_sold_at IS NULL THEN 0 ELSE least(13, (a.day - p.first_sold_at::date) / 7 + 1) END::numeric AS n,
           coalesce(w.s, 0) AS s, coalesce(w.q, 0) AS q
    FROM hand.product_sales AS p CROSS JOIN as_of AS a LEFT JOIN sold AS w USING (product_code)
    WHERE NOT p.is_service
)
SELECT product_code,
       CASE WHEN total <= 0 OR before >= 0.95 * total THEN 'C' WHEN before >= 0.80 * total THEN 'B' ELSE 'A' END COLLATE "C" AS abc,
       CASE WHEN s = 0 OR n * q - s * s > s * s THEN 'Z' WHEN n * q - s * s > 0.25 * s * s THEN 'Y' ELSE 'X' END COLLATE "C" AS xyz,
       (CASE WHEN n = 0 THEN 0 ELSE round(s / n, 6) END)::numeric(38,6) AS weekly_mean,
       (CASE WHEN n = 0 THEN 0 ELSE round((n * q - s * s) / (n * n), 6) END)::numeric(38,6) AS weekly_var,
       weeks_since_sale, NULL::numeric(38,3) AS on_hand, NULL::numeric(38,3) AS on_order,
       CASE WHEN n = 0 THEN 0 ELSE ceil(
           (s * 1000)::float8 / (n * 1000)::float8 * (14::float8 / 7)
           + 1.6449::float8 * sqrt(((n * q - s * s) * 1000000)::float8 / (n * n * 1000000)::float8 * (14::float8 / 7)))
       END::bigint AS reorder_point, NULL::bigint AS order_quantity
FROM product;
-- phase: keys
ALTER TABLE hand.product_sales ADD PRIMARY KEY (product_code);
ALTER TABLE hand.customer_value ADD PRIMARY KEY (customer_id);
ALTER TABLE hand.daily_sales ADD PRIMARY KEY (day);
ALTER TABLE hand.hourly_sales ADD PRIMARY KEY (weekday, hour);
ALTER TABLE hand.country_sales ADD UNIQUE (country);
ALTER TABLE hand.customer_cohorts ADD PRIMARY KEY (cohort_month, months_since);
ALTER TABLE hand.inventory ADD PRIMARY KEY (product_code);
