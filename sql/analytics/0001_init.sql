-- The analytics database: facts and dimensions (written by transform), the
-- state the marts are kept up to date from (agg_*, written by aggregate), the
-- marts, and what the checks found. Every text column compares by bytes.

-- One row: which staging database and rules the facts stand for, and how far
-- the marts have come. version grows by one with each change of the facts.
CREATE TABLE analytics.meta (
    id              bool   PRIMARY KEY DEFAULT true CHECK (id),
    epoch           bigint NOT NULL DEFAULT 0,
    version         bigint NOT NULL DEFAULT 0,
    staging         uuid,
    rules           bytea,
    marts_version   bigint NOT NULL DEFAULT 0,
    marts_rules     bytea,
    checked_version bigint NOT NULL DEFAULT 0,
    checks          bytea
);
INSERT INTO analytics.meta DEFAULT VALUES;
COMMENT ON COLUMN analytics.meta.epoch IS 'fencing token: a run with an older one rolls back';
COMMENT ON COLUMN analytics.meta.version IS 'version of the facts';
COMMENT ON COLUMN analytics.meta.staging IS 'UUID of the staging database the facts were derived from';
COMMENT ON COLUMN analytics.meta.rules IS 'fingerprint of what all facts were derived by; applied_rules has the rest';
COMMENT ON COLUMN analytics.meta.marts_version IS 'version of the facts the marts were made from; 0 = rebuild them';
COMMENT ON COLUMN analytics.meta.marts_rules IS 'fingerprint of the settings the marts were made by';
COMMENT ON COLUMN analytics.meta.checked_version IS 'version of the facts that last passed the checks; 0 = none did';
COMMENT ON COLUMN analytics.meta.checks IS 'fingerprint of the checks that passed';

CREATE TABLE analytics.applied_loads (
    staging uuid   NOT NULL,
    load    bigint NOT NULL,
    hash    bytea  NOT NULL,
    counts  jsonb  NOT NULL,
    PRIMARY KEY (staging, load)
);
COMMENT ON TABLE analytics.applied_loads IS 'the loads the facts are made of; commits with the facts';
COMMENT ON COLUMN analytics.applied_loads.hash IS 'sha256 of the load''s content followed by the fingerprint of its mapping';

CREATE TABLE analytics.applied_rules (
    source      text COLLATE "C" PRIMARY KEY,
    fingerprint bytea NOT NULL
);
COMMENT ON TABLE analytics.applied_rules IS 'fingerprint of the rules that the facts of a source were derived by';

CREATE TABLE analytics.purchase_lineage (
    source     text COLLATE "C" NOT NULL,
    invoice_no text COLLATE "C" NOT NULL,
    loads      bigint[] NOT NULL,
    staged     bigint NOT NULL,
    collapsed  bigint NOT NULL,
    superseded bigint NOT NULL,
    PRIMARY KEY (source, invoice_no)
);
COMMENT ON TABLE analytics.purchase_lineage IS 'which loads carry rows of an invoice, and what became of the rows: staged = facts + collapsed + superseded';
CREATE INDEX purchase_lineage_loads ON analytics.purchase_lineage USING gin (loads);

CREATE TABLE analytics.fact_purchase_line (
    source        text COLLATE "C" NOT NULL,
    invoice_no    text COLLATE "C" NOT NULL,
    line_no       text COLLATE "C",
    product_code  text COLLATE "C",
    description   text COLLATE "C",
    quantity      numeric(14,3) NOT NULL,
    unit_price    numeric(18,6) NOT NULL,
    discount_rate numeric(9,6)  NOT NULL,
    discount      numeric(18,6) NOT NULL,
    tax           numeric(18,6),
    currency      text COLLATE "C",
    ordered_at    timestamptz NOT NULL,
    updated_at    timestamptz,
    customer_id   text COLLATE "C",
    country       text COLLATE "C",
    channel       text COLLATE "C",
    status        text COLLATE "C",
    kind          text COLLATE "C" NOT NULL,
    is_service    bool NOT NULL,
    ordered_day   date NOT NULL,
    amount        numeric(38,9) NOT NULL,
    amount_base   numeric(38,9),
    extra         jsonb,
    load_id       bigint NOT NULL,
    record        bigint NOT NULL,
    line          bigint NOT NULL,
    byte_offset   bigint NOT NULL
);
COMMENT ON TABLE analytics.fact_purchase_line IS 'every staged line that counts, once; extra, load_id, record, line and byte_offset are lineage and outside comparison';
COMMENT ON COLUMN analytics.fact_purchase_line.kind IS 'void, adjustment, return, stock_movement, giveaway or sale: the first that holds';
COMMENT ON COLUMN analytics.fact_purchase_line.is_service IS 'postage, fees: in totals, not in inventory, pairs or best products';
COMMENT ON COLUMN analytics.fact_purchase_line.ordered_day IS 'day of ordered_at in the report timezone';
COMMENT ON COLUMN analytics.fact_purchase_line.amount IS 'quantity * unit_price * (1 - discount_rate) - discount, less tax where the price holds it; exact up to nine decimals';
COMMENT ON COLUMN analytics.fact_purchase_line.amount_base IS 'amount in the base currency; NULL without a rate, and then outside the marts';
CREATE INDEX fact_purchase_line_invoice ON analytics.fact_purchase_line (source, invoice_no);
CREATE INDEX fact_purchase_line_product ON analytics.fact_purchase_line (product_code, ordered_at);
CREATE INDEX fact_purchase_line_customer ON analytics.fact_purchase_line (customer_id, ordered_at);
CREATE INDEX fact_purchase_line_time ON analytics.fact_purchase_line USING brin (ordered_at, ordered_day) WITH (pages_per_range = 32);
-- Few rows: what the checks list.
CREATE INDEX fact_purchase_line_odd ON analytics.fact_purchase_line (ordered_at) WHERE amount_base IS NULL OR unit_price < 0;

-- What changed in the facts since the marts were made, for the marts: lines that
-- left (-1) and lines that came (+1). Each version holds whole invoices.
CREATE TABLE analytics.delta_line (
    version      bigint   NOT NULL,
    sign         smallint NOT NULL CHECK (sign IN (-1, 1)),
    source       text COLLATE "C" NOT NULL,
    invoice_no   text COLLATE "C" NOT NULL,
    product_code text COLLATE "C",
    customer_id  text COLLATE "C",
    country      text COLLATE "C",
    ordered_at   timestamptz   NOT NULL,
    ordered_day  date          NOT NULL,
    is_return    bool          NOT NULL,
    is_service   bool          NOT NULL,
    units        numeric(14,3) NOT NULL,
    value        numeric(38,9) NOT NULL
);
COMMENT ON COLUMN analytics.delta_line.units IS 'quantity, of a return too as a positive number';
COMMENT ON COLUMN analytics.delta_line.value IS 'amount_base, of a return as a positive number';

-- Months (of ordered_at in UTC, as the lake cuts them) and the version that
-- last changed a fact of theirs.
CREATE TABLE analytics.fact_months (
    month   date PRIMARY KEY,
    version bigint NOT NULL
);

CREATE TABLE analytics.dim_product (
    product_code  text COLLATE "C" PRIMARY KEY,
    description   text COLLATE "C",
    is_service    bool GENERATED ALWAYS AS (service_lines > 0) STORED,
    lines         bigint NOT NULL,
    service_lines bigint NOT NULL
);
COMMENT ON COLUMN analytics.dim_product.description IS 'of the latest sale line that has one, else of the latest line of any kind (ordered_at, then greatest bytes)';
COMMENT ON COLUMN analytics.dim_product.is_service IS 'some line of the product is a service line';

CREATE TABLE analytics.dim_customer (
    customer_id text COLLATE "C" PRIMARY KEY,
    country     text COLLATE "C",
    lines       bigint NOT NULL
);
COMMENT ON COLUMN analytics.dim_customer.country IS 'of the latest sale line that has one, else of the latest line of any kind (ordered_at, then greatest bytes)';

-- (r, f) to segment: one table for every engine.
CREATE TABLE analytics.segments (
    r_score smallint CHECK (r_score BETWEEN 1 AND 5),
    f_score smallint CHECK (f_score BETWEEN 1 AND 5),
    segment text COLLATE "C" NOT NULL,
    PRIMARY KEY (r_score, f_score)
);
INSERT INTO analytics.segments (r_score, f_score, segment)
SELECT r, f, CASE
    WHEN r = 5 AND f >= 4 THEN 'champion'
    WHEN r >= 3 AND f >= 4 THEN 'loyal'
    WHEN r >= 4 AND f >= 2 THEN 'potential loyalist'
    WHEN r = 5 THEN 'new'
    WHEN r = 4 THEN 'promising'
    WHEN r = 3 AND f = 3 THEN 'needs attention'
    WHEN r = 3 THEN 'about to sleep'
    WHEN f = 5 THEN 'cannot lose'
    WHEN f >= 3 THEN 'at risk'
    ELSE 'hibernating' END
FROM generate_series(1, 5) AS r, generate_series(1, 5) AS f;

-- What the marts are summed up from. Every number is a sum over lines, invoices
-- or baskets, so that a change is added or taken away; a row of zeros is deleted.
CREATE TABLE analytics.agg_slice (
    slice          text COLLATE "C" NOT NULL CHECK (slice IN ('day', 'hour', 'country')),
    key            text COLLATE "C" NOT NULL,
    lines          bigint NOT NULL,
    returns        bigint NOT NULL,
    purchases      bigint NOT NULL,
    units          numeric(38,3) NOT NULL,
    gross_revenue  numeric(38,9) NOT NULL,
    returned_value numeric(38,9) NOT NULL,
    PRIMARY KEY (slice, key)
);
COMMENT ON COLUMN analytics.agg_slice.key IS 'a day as 2010-12-01, an hour of the week as 1-08, a country or an empty text for none';

CREATE TABLE analytics.agg_slice_customer (
    slice       text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    lines       bigint NOT NULL,
    PRIMARY KEY (slice, key, customer_id)
);

CREATE TABLE analytics.agg_customer (
    customer_id       text COLLATE "C" PRIMARY KEY,
    lines             bigint NOT NULL,
    returns           bigint NOT NULL,
    purchases         bigint NOT NULL,
    gross_revenue     numeric(38,9) NOT NULL,
    returned_value    numeric(38,9) NOT NULL,
    first_purchase_at timestamptz,
    last_purchase_at  timestamptz
);

CREATE TABLE analytics.agg_customer_month (
    customer_id text COLLATE "C" NOT NULL,
    month       date   NOT NULL,
    lines       bigint NOT NULL,
    returns     bigint NOT NULL,
    net_revenue numeric(38,9) NOT NULL,
    PRIMARY KEY (customer_id, month)
);

CREATE TABLE analytics.agg_product (
    id             int GENERATED ALWAYS AS IDENTITY,
    product_code   text COLLATE "C" PRIMARY KEY,
    lines          bigint NOT NULL DEFAULT 0,
    returns        bigint NOT NULL DEFAULT 0,
    invoices       bigint NOT NULL DEFAULT 0,
    baskets        bigint NOT NULL DEFAULT 0,
    units          numeric(38,3) NOT NULL DEFAULT 0,
    gross_revenue  numeric(38,9) NOT NULL DEFAULT 0,
    returned_units numeric(38,3) NOT NULL DEFAULT 0,
    returned_value numeric(38,9) NOT NULL DEFAULT 0,
    first_sold_at  timestamptz,
    last_sold_at   timestamptz,
    UNIQUE (id)
);
COMMENT ON COLUMN analytics.agg_product.id IS 'short name of the product in agg_pair and agg_product_customer; differs from database to database';
COMMENT ON COLUMN analytics.agg_product.baskets IS 'baskets with the product, of those that product_pairs looks at';

CREATE TABLE analytics.agg_product_customer (
    product     int NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    lines       bigint NOT NULL,
    PRIMARY KEY (product, customer_id)
);

CREATE TABLE analytics.agg_pair (
    a       int NOT NULL,
    b       int NOT NULL,
    baskets bigint NOT NULL,
    PRIMARY KEY (a, b)
);
COMMENT ON TABLE analytics.agg_pair IS 'baskets that hold both products; a < b by id, not by code';

-- One row: how many distinct products a basket has that product_pairs looks at,
-- how many such baskets there are, and how many of them a pair needs.
CREATE TABLE analytics.agg_total (
    id                bool   PRIMARY KEY DEFAULT true CHECK (id),
    basket_min        bigint NOT NULL DEFAULT 2,
    basket_max        bigint NOT NULL DEFAULT 100,
    pair_min_invoices bigint NOT NULL DEFAULT 20,
    baskets           bigint NOT NULL DEFAULT 0,
    purchases         bigint NOT NULL DEFAULT 0 -- invoices with a sale line
);
INSERT INTO analytics.agg_total DEFAULT VALUES;

-- Marts. A sale here is a fact of kind sale with an amount_base, a return one of
-- kind return with an amount_base; nothing else enters.
CREATE TABLE analytics.product_sales (
    product_code   text COLLATE "C" NOT NULL PRIMARY KEY,
    description    text COLLATE "C",
    is_service     bool NOT NULL,
    units          numeric(38,3) NOT NULL,
    gross_revenue  numeric(38,9) NOT NULL,
    invoices       bigint NOT NULL,
    customers      bigint NOT NULL,
    returned_units numeric(38,3) NOT NULL,
    returned_value numeric(38,9) NOT NULL,
    net_revenue    numeric(38,9) NOT NULL,
    first_sold_at  timestamptz,
    last_sold_at   timestamptz
);
COMMENT ON TABLE analytics.product_sales IS 'a product with a sale or a return a row';
COMMENT ON COLUMN analytics.product_sales.is_service IS 'some line of the product, of any kind, has a service code';
COMMENT ON COLUMN analytics.product_sales.units IS 'sum of quantity over sales';
COMMENT ON COLUMN analytics.product_sales.gross_revenue IS 'sum of amount_base over sales';
COMMENT ON COLUMN analytics.product_sales.invoices IS 'distinct (source, invoice_no) with a sale of the product';
COMMENT ON COLUMN analytics.product_sales.customers IS 'distinct customers with a sale of the product';
COMMENT ON COLUMN analytics.product_sales.returned_units IS 'sum of |quantity| over returns';
COMMENT ON COLUMN analytics.product_sales.returned_value IS 'sum of |amount_base| over returns: a positive number';
COMMENT ON COLUMN analytics.product_sales.net_revenue IS 'gross_revenue - returned_value';
COMMENT ON COLUMN analytics.product_sales.first_sold_at IS 'of sales; NULL when there are only returns';

CREATE TABLE analytics.customer_value (
    customer_id        text COLLATE "C" NOT NULL PRIMARY KEY,
    country            text COLLATE "C",
    purchases          bigint NOT NULL,
    gross_revenue      numeric(38,9) NOT NULL,
    avg_purchase_value numeric(38,4) NOT NULL,
    returned_value     numeric(38,9) NOT NULL,
    net_revenue        numeric(38,9) NOT NULL,
    first_purchase_at  timestamptz NOT NULL,
    last_purchase_at   timestamptz NOT NULL,
    recency_days       int NOT NULL,
    r_score            smallint NOT NULL,
    f_score            smallint NOT NULL,
    m_score            smallint NOT NULL,
    segment            text COLLATE "C" NOT NULL
);
COMMENT ON TABLE analytics.customer_value IS 'a customer with a sale a row';
COMMENT ON COLUMN analytics.customer_value.purchases IS 'distinct (source, invoice_no) with a sale to the customer';
COMMENT ON COLUMN analytics.customer_value.avg_purchase_value IS 'gross_revenue / purchases, half away from zero';
COMMENT ON COLUMN analytics.customer_value.recency_days IS 'days from the day of the last purchase to the last day with a sale, in the report timezone';
COMMENT ON COLUMN analytics.customer_value.r_score IS '1 + floor(5 * (rank() - 1) / customers), rank by recency_days, longest ago first';
COMMENT ON COLUMN analytics.customer_value.f_score IS 'as r_score, by purchases, fewest first';
COMMENT ON COLUMN analytics.customer_value.m_score IS 'as r_score, by net_revenue, least first';
COMMENT ON COLUMN analytics.customer_value.segment IS 'of segments, by (r_score, f_score)';

CREATE TABLE analytics.daily_sales (
    day            date NOT NULL PRIMARY KEY,
    lines          bigint NOT NULL,
    purchases      bigint NOT NULL,
    customers      bigint NOT NULL,
    units          numeric(38,3) NOT NULL,
    gross_revenue  numeric(38,9) NOT NULL,
    returned_value numeric(38,9) NOT NULL,
    net_revenue    numeric(38,9) NOT NULL
);
COMMENT ON TABLE analytics.daily_sales IS 'a day with a sale or a return a row, in the report timezone';
COMMENT ON COLUMN analytics.daily_sales.lines IS 'sale lines';
COMMENT ON COLUMN analytics.daily_sales.purchases IS 'distinct (source, invoice_no) with a sale line, without a customer too; the same in the marts of hours and countries';
COMMENT ON COLUMN analytics.daily_sales.customers IS 'distinct customers with a sale line';
COMMENT ON COLUMN analytics.daily_sales.returned_value IS 'of the returns of that day, whenever the goods were sold; a positive number';

CREATE TABLE analytics.hourly_sales (
    weekday        smallint NOT NULL,
    hour           smallint NOT NULL,
    lines          bigint NOT NULL,
    purchases      bigint NOT NULL,
    customers      bigint NOT NULL,
    units          numeric(38,3) NOT NULL,
    gross_revenue  numeric(38,9) NOT NULL,
    returned_value numeric(38,9) NOT NULL,
    net_revenue    numeric(38,9) NOT NULL,
    PRIMARY KEY (weekday, hour)
);
COMMENT ON TABLE analytics.hourly_sales IS 'an hour of the week with a sale or a return a row, in the report timezone';
COMMENT ON COLUMN analytics.hourly_sales.weekday IS '1 = Monday to 7 = Sunday';
COMMENT ON COLUMN analytics.hourly_sales.hour IS '0 to 23';

CREATE TABLE analytics.country_sales (
    country        text COLLATE "C" UNIQUE,
    lines          bigint NOT NULL,
    purchases      bigint NOT NULL,
    customers      bigint NOT NULL,
    units          numeric(38,3) NOT NULL,
    gross_revenue  numeric(38,9) NOT NULL,
    returned_value numeric(38,9) NOT NULL,
    net_revenue    numeric(38,9) NOT NULL
);
COMMENT ON TABLE analytics.country_sales IS 'a country with a sale or a return a row; NULL = the line names none';

CREATE TABLE analytics.customer_cohorts (
    cohort_month date NOT NULL,
    months_since int NOT NULL,
    customers    bigint NOT NULL,
    active       bigint NOT NULL,
    net_revenue  numeric(38,9) NOT NULL,
    PRIMARY KEY (cohort_month, months_since)
);
COMMENT ON TABLE analytics.customer_cohorts IS 'a month of first purchase and a month in which its customers bought or returned something a row';
COMMENT ON COLUMN analytics.customer_cohorts.months_since IS 'months from the first purchase; below zero for a return whose purchase is older than the data';
COMMENT ON COLUMN analytics.customer_cohorts.customers IS 'customers of the cohort';
COMMENT ON COLUMN analytics.customer_cohorts.active IS 'those of them with a sale in the month';
COMMENT ON COLUMN analytics.customer_cohorts.net_revenue IS 'their sales less their returns in the month';

CREATE TABLE analytics.inventory (
    product_code     text COLLATE "C" NOT NULL PRIMARY KEY,
    abc              text COLLATE "C" NOT NULL,
    xyz              text COLLATE "C" NOT NULL,
    weekly_mean      numeric(38,6) NOT NULL,
    weekly_var       numeric(38,6) NOT NULL,
    weeks_since_sale int,
    on_hand          numeric(38,3),
    on_order         numeric(38,3),
    reorder_point    bigint NOT NULL,
    order_quantity   bigint
);
COMMENT ON TABLE analytics.inventory IS 'a product with a sale or a return that is no service a row';
COMMENT ON COLUMN analytics.inventory.abc IS 'A below 80 % of gross_revenue accumulated before the product (greatest first, then code), B below 95 %, else C';
COMMENT ON COLUMN analytics.inventory.xyz IS 'squared coefficient of variation of weekly units: X to 0.25, Y to 1, else Z; Z without a sale in the window';
COMMENT ON COLUMN analytics.inventory.weekly_mean IS 'units sold a week: 13 blocks of 7 days up to the last day with a sale, from the block of the first sale on';
COMMENT ON COLUMN analytics.inventory.weekly_var IS 'population variance of the units of those blocks';
COMMENT ON COLUMN analytics.inventory.weeks_since_sale IS 'whole weeks from the last sale to the last day with a sale';
COMMENT ON COLUMN analytics.inventory.on_hand IS 'NULL without stock data, and so are on_order and order_quantity';
COMMENT ON COLUMN analytics.inventory.reorder_point IS 'ceil(mean * L + z * sqrt(var * L)), L = lead time in weeks, z of the service level to four decimals';

-- A view, since every number of it changes with every basket. It reads the tables
-- through a function, which the planner inlines, because a view of tables would
-- stand in the way of replacing them.
CREATE FUNCTION analytics.count_pairs() RETURNS TABLE (
    product_a text, product_b text, invoices bigint, invoices_a bigint, invoices_b bigint, total bigint)
LANGUAGE sql STABLE ROWS 100000
AS $$
    SELECT CASE WHEN x.product_code < y.product_code THEN x.product_code ELSE y.product_code END,
           CASE WHEN x.product_code < y.product_code THEN y.product_code ELSE x.product_code END,
           p.baskets,
           CASE WHEN x.product_code < y.product_code THEN x.baskets ELSE y.baskets END,
           CASE WHEN x.product_code < y.product_code THEN y.baskets ELSE x.baskets END,
           t.baskets
    FROM analytics.agg_total AS t
    JOIN analytics.agg_pair AS p ON p.baskets >= t.pair_min_invoices
    JOIN analytics.agg_product AS x ON x.id = p.a
    JOIN analytics.agg_product AS y ON y.id = p.b
$$;
-- part / whole to six decimals, a half rounded up, in integers: several times faster
-- than dividing numerics. The planner inlines it.
CREATE FUNCTION analytics.share(part bigint, whole bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$ SELECT (2000000 * part + whole) / (2 * whole) * 0.000001 $$;
CREATE VIEW analytics.product_pairs AS
SELECT product_a COLLATE "C" AS product_a,
       product_b COLLATE "C" AS product_b,
       invoices,
       analytics.share(invoices, total)::numeric(38,6) AS support,
       analytics.share(invoices, invoices_a)::numeric(38,6) AS confidence_ab,
       analytics.share(invoices, invoices_b)::numeric(38,6) AS confidence_ba,
       CASE WHEN invoices * total < 4000000000000 -- beyond it a bigint would not do
            THEN analytics.share(invoices * total, invoices_a * invoices_b)
            ELSE round(invoices::numeric * total / (invoices_a::numeric * invoices_b), 6)
       END::numeric(38,6) AS lift
FROM analytics.count_pairs();
COMMENT ON VIEW analytics.product_pairs IS 'two products that are no services, product_a < product_b, sold together in enough baskets: invoices of few enough distinct products';
COMMENT ON COLUMN analytics.product_pairs.invoices IS 'baskets with both';
COMMENT ON COLUMN analytics.product_pairs.support IS 'share of all baskets that have both';
COMMENT ON COLUMN analytics.product_pairs.confidence_ab IS 'share of the baskets with a that have b';
COMMENT ON COLUMN analytics.product_pairs.lift IS 'invoices * baskets / (baskets with a * baskets with b)';

CREATE TABLE analytics.mart_state (
    mart     text COLLATE "C" PRIMARY KEY,
    state    text NOT NULL CHECK (state IN ('unchecked', 'ok', 'failed')),
    reason   text,
    run      bigint NOT NULL,
    version  bigint NOT NULL,
    rows     bigint NOT NULL,
    as_of    date,
    built_at timestamptz NOT NULL
);
COMMENT ON COLUMN analytics.mart_state.state IS 'unchecked until the check step has seen it; failed = a check of severity error found rows';
COMMENT ON COLUMN analytics.mart_state.version IS 'version of the facts it was made from';
COMMENT ON COLUMN analytics.mart_state.as_of IS 'the last day with a sale';

CREATE TABLE analytics.check_results (
    run         bigint NOT NULL,
    check_name  text COLLATE "C" NOT NULL,
    severity    text NOT NULL CHECK (severity IN ('warn', 'error')),
    description text NOT NULL,
    found       bigint NOT NULL,
    sample      jsonb NOT NULL DEFAULT '[]',
    at          timestamptz NOT NULL,
    PRIMARY KEY (run, check_name)
);
COMMENT ON COLUMN analytics.check_results.found IS 'offending rows';
COMMENT ON COLUMN analytics.check_results.sample IS 'the first of them, as an array of objects';

-- Rebuilding. The tables are made anew in analytics_build and take the place of
-- the old ones in one short moment. The functions run as the owner, so that a
-- role that may only write rows can ask for it.
CREATE SCHEMA analytics_build;

CREATE FUNCTION analytics.build_begin(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t text;
    g record;
BEGIN
    FOR g IN SELECT rolname FROM pg_roles WHERE rolname IN (session_user, 'penstock_etl') LOOP
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA analytics_build TO %I', g.rolname);
    END LOOP;
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('DROP TABLE IF EXISTS analytics_build.%I', t);
        EXECUTE format('CREATE TABLE analytics_build.%I (LIKE analytics.%1$I INCLUDING ALL EXCLUDING INDEXES)', t);
        FOR g IN SELECT a.privilege_type AS privilege,
                        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
                 FROM pg_class AS c, aclexplode(c.relacl) AS a
                 WHERE c.oid = format('analytics.%I', t)::regclass
        LOOP
            EXECUTE format('GRANT %s ON analytics_build.%I TO %s', g.privilege, t, g.grantee);
        END LOOP;
    END LOOP;
END
$$;

-- Gives a table in analytics_build the keys and indexes that its namesake has.
CREATE FUNCTION analytics.build_index(t text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live      regclass := format('analytics.%I', t)::regclass;
    statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE analytics_build.%I ADD CONSTRAINT %I %s', t, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = live AND contype IN ('p', 'u')
        UNION ALL
        SELECT replace(pg_get_indexdef(i.indexrelid), ' ON analytics.', ' ON analytics_build.')
        FROM pg_index AS i
        WHERE i.indrelid = live AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
    LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('ANALYZE analytics_build.%I', t);
END
$$;

-- Puts tables of analytics_build in the place of their namesakes.
CREATE FUNCTION analytics.build_swap(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t text;
BEGIN
    SELECT n INTO t FROM unnest(tables) AS n
    WHERE n <> ALL ('{fact_purchase_line,purchase_lineage,dim_product,dim_customer}') AND n NOT LIKE 'agg\_%';
    IF FOUND THEN
        RAISE 'analytics.% is not made to be rebuilt', t;
    END IF;
    EXECUTE 'LOCK TABLE ' || (SELECT string_agg(format('analytics.%I', n), ', ') FROM unnest(tables) AS n);
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('DROP TABLE analytics.%I', t);
        EXECUTE format('ALTER TABLE analytics_build.%I SET SCHEMA analytics', t);
    END LOOP;
END
$$;

-- ANALYZE is the owner's to do.
CREATE FUNCTION analytics.refresh_statistics(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('ANALYZE analytics.%I', t);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION analytics.build_begin(text[]), analytics.build_index(text),
    analytics.build_swap(text[]), analytics.refresh_statistics(text[]) FROM PUBLIC;
