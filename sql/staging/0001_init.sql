-- The staging database: what was taken in, by which run, and what was refused.
-- Text compares by bytes (COLLATE "C") everywhere, so that order never depends
-- on the server's locale.

-- One row. epoch is the fencing token: a run whose epoch is older must not write.
CREATE TABLE staging.meta (
    id    bool   PRIMARY KEY DEFAULT true CHECK (id),
    uuid  uuid   NOT NULL DEFAULT gen_random_uuid(),
    epoch bigint NOT NULL DEFAULT 0
);
INSERT INTO staging.meta DEFAULT VALUES;

CREATE TABLE staging.runs (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state            text        COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'interrupted')),
    tasks            text[]      COLLATE "C" NOT NULL,
    options          jsonb       NOT NULL DEFAULT '{}',
    epoch            bigint      NOT NULL,
    started_at       timestamptz NOT NULL,
    finished_at      timestamptz,
    heartbeat_at     timestamptz NOT NULL,
    host             text        COLLATE "C" NOT NULL,
    pid              int         NOT NULL,
    who              text        COLLATE "C" NOT NULL,
    version          text        COLLATE "C" NOT NULL,
    cancel_requested timestamptz,
    cancelled_by     text        COLLATE "C",
    exit_code        int,
    error            text        COLLATE "C",
    hint             text        COLLATE "C"
);

CREATE TABLE staging.steps (
    run         bigint REFERENCES staging.runs ON DELETE CASCADE,
    step        text   COLLATE "C",
    engine      text   COLLATE "C" NOT NULL,
    state       text   COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'skipped', 'failed', 'cancelled', 'interrupted')),
    started_at  timestamptz,
    finished_at timestamptz,
    read        bigint DEFAULT 0,
    loaded      bigint,
    rejected    bigint,
    collapsed   bigint,
    bytes       bigint,
    detail      jsonb,
    PRIMARY KEY (run, step)
);

CREATE TABLE staging.events (
    run  bigint      REFERENCES staging.runs ON DELETE CASCADE,
    seq  bigint,
    at   timestamptz NOT NULL,
    kind text        COLLATE "C" NOT NULL,
    body jsonb       NOT NULL,
    PRIMARY KEY (run, seq)
);

-- One row a run, written once a second.
CREATE TABLE staging.progress (
    run  bigint      PRIMARY KEY REFERENCES staging.runs ON DELETE CASCADE,
    at   timestamptz NOT NULL,
    body jsonb       NOT NULL
);

-- One row an identity (source, content, mapping); its state says what became of it.
CREATE TABLE staging.loads (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run         bigint,
    source      text        COLLATE "C" NOT NULL,
    entity      text        COLLATE "C" NOT NULL,
    name        text        COLLATE "C" NOT NULL,  -- as shown
    origin      text        COLLATE "C" NOT NULL,  -- path to read it again
    sha256      bytea       NOT NULL,              -- of the decompressed content
    file_sha256 bytea       NOT NULL,              -- of the bytes as they lie on disk
    fingerprint bytea       NOT NULL,              -- of mapping and lookups
    state       text        COLLATE "C" NOT NULL CHECK (state IN ('loading', 'loaded', 'stopped', 'failed', 'undone')),
    bytes       bigint      NOT NULL DEFAULT 0,
    read        bigint,
    loaded      bigint,
    rejected    bigint,
    discarded   bigint,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    on_change   text        COLLATE "C" NOT NULL DEFAULT 'append',
    modified_at timestamptz,
    error       text        COLLATE "C",
    raw_key     text        COLLATE "C",           -- set by publish
    header      text[]      COLLATE "C",           -- columns of the file; rejects are exported under it
    encoding    text        COLLATE "C",           -- of the file, -bom where it starts with a byte order mark
    replaced_by bigint                             -- the load of the same content under a newer mapping
);
CREATE UNIQUE INDEX loads_identity ON staging.loads (source, sha256, fingerprint);

CREATE TABLE staging.chunks (
    load_id     bigint REFERENCES staging.loads ON DELETE CASCADE,
    n           int,
    byte_from   bigint,
    byte_to     bigint,
    record_from bigint,
    line_from   bigint,
    line_to     bigint,
    read        bigint,
    loaded      bigint,
    rejected    bigint,
    PRIMARY KEY (load_id, n)
);

-- No foreign key to loads: it costs a file of many rejects a fifth of its time.
CREATE TABLE staging.rejects (
    load_id     bigint NOT NULL,
    record      bigint NOT NULL,
    line        bigint NOT NULL,
    byte_offset bigint NOT NULL,
    reason      text   COLLATE "C" NOT NULL,
    column_name text   COLLATE "C",
    detail      text   COLLATE "C",
    raw         bytea  NOT NULL,
    state       text   COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
    resolved_by bigint,
    PRIMARY KEY (load_id, record)
);

-- No key, foreign key or btree: each costs half of the load rate. The binary
-- COPY of ingest writes the columns in this order. It has two kinds of leaves:
-- shared ones, of up to 64 loads, and own ones, each of a chunk of a large load.
CREATE TABLE staging.purchases (
    source        text          COLLATE "C" NOT NULL,
    load_id       bigint        NOT NULL,
    record        bigint        NOT NULL,
    line          bigint        NOT NULL,
    byte_offset   bigint        NOT NULL,
    invoice_no    text          COLLATE "C" NOT NULL,
    line_no       text          COLLATE "C",
    product_code  text          COLLATE "C",
    description   text          COLLATE "C",
    quantity      numeric(14,3) NOT NULL,
    unit_price    numeric(18,6) NOT NULL,
    discount_rate numeric(9,6)  NOT NULL DEFAULT 0,
    discount      numeric(18,6) NOT NULL DEFAULT 0,
    tax           numeric(18,6),
    currency      text          COLLATE "C",
    ordered_at    timestamptz   NOT NULL,
    updated_at    timestamptz,
    customer_id   text          COLLATE "C",
    country       text          COLLATE "C",
    channel       text          COLLATE "C",
    status        text          COLLATE "C",
    extra         jsonb
) PARTITION BY RANGE (load_id, record);

-- The leaves that several loads share, those that take rows of any load from
-- from_load to below to_load. Their loads are those from low to below high.
CREATE FUNCTION staging.shared_leaves(from_load bigint, to_load bigint, OUT name text, OUT low bigint, OUT high bigint) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.relname::text, b.bound[1]::bigint, b.bound[2]::bigint
    FROM pg_inherits AS i
    JOIN pg_class AS k ON k.oid = i.inhrelid
    CROSS JOIN regexp_match(pg_get_expr(k.relpartbound, k.oid), $re$FROM \('(\d+)', MINVALUE\) TO \('(\d+)', MINVALUE\)$re$) AS b (bound)
    WHERE i.inhparent = 'staging.purchases'::regclass AND b.bound[1]::bigint < to_load AND from_load < b.bound[2]::bigint
$$;
REVOKE EXECUTE ON FUNCTION staging.shared_leaves(bigint, bigint) FROM PUBLIC;

-- The own leaves of all loads from from_load to below to_load, also those that are
-- not attached yet.
CREATE FUNCTION staging.own_leaves(from_load bigint, to_load bigint, OUT load bigint, OUT n int, OUT name text, OUT attached bool) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.part[1]::bigint, b.part[2]::int, k.relname::text, k.relispartition
    FROM pg_class AS k
    CROSS JOIN regexp_match(k.relname, '^purchases_(\d+)_(\d+)$') AS b (part)
    WHERE k.relnamespace = 'staging'::regnamespace AND k.relkind = 'r'
          AND b.part[1]::bigint >= from_load AND b.part[1]::bigint < to_load
$$;
REVOKE EXECUTE ON FUNCTION staging.own_leaves(bigint, bigint) FROM PUBLIC;

-- Makes the leaf that a load shares with others, unless it is there, and returns
-- its name: the load's block of 64 numbers, less what other leaves have of it.
-- It runs as the owner, so that a role that may only write rows can ask for it.
-- Attaching (not CREATE .. PARTITION OF) leaves readers and writers of the other
-- leaves alone.
CREATE FUNCTION staging.ensure_partition(load_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part   text := (SELECT name FROM staging.shared_leaves(load_id, load_id + 1));
    block  bigint := load_id - load_id % 64;
    first  bigint;
    behind bigint;
BEGIN
    IF part IS NOT NULL THEN
        RETURN part;
    END IF;
    -- The lock that attaching takes anyway. Waiting for it, unlike for an
    -- advisory one, shows what the session before made meanwhile.
    LOCK TABLE staging.purchases IN SHARE UPDATE EXCLUSIVE MODE;
    part := (SELECT name FROM staging.shared_leaves(load_id, load_id + 1));
    IF part IS NOT NULL THEN
        RETURN part;
    END IF;
    SELECT coalesce(max(t.high) FILTER (WHERE t.high <= load_id), block), coalesce(min(t.low) FILTER (WHERE t.low > load_id), block + 64)
    INTO first, behind
    FROM (SELECT o.load AS low, o.load + 1 AS high FROM staging.own_leaves(block, block + 64) AS o
          UNION ALL
          SELECT s.low, s.high FROM staging.shared_leaves(block, block + 64) AS s) AS t;
    part := format('purchases_%s', first);
    EXECUTE format('CREATE TABLE staging.%I (LIKE staging.purchases INCLUDING DEFAULTS)', part);
    EXECUTE format('ALTER TABLE staging.purchases ATTACH PARTITION staging.%I FOR VALUES FROM (%s, MINVALUE) TO (%s, MINVALUE)', part, first, behind);
    RETURN part;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.ensure_partition(bigint) FROM PUBLIC;

-- Brings the index of a load's shared leaf up to date: BRIN, by which the rows of
-- one load are found. It is called when a load is complete. A leaf below a
-- gigabyte has none: it is read as quickly without, and every row written under
-- an index costs a seventh more. One written before its pages are summarized
-- would not know them before the next vacuum either. A load with leaves of its
-- own needs none.
CREATE FUNCTION staging.index_partition(load_id bigint, from_size bigint DEFAULT 1 << 30) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part text := (SELECT s.name FROM staging.shared_leaves(load_id, load_id + 1) AS s);
    name text := part || '_load_id';
BEGIN
    IF part IS NULL THEN
        RETURN;
    ELSIF to_regclass(format('staging.%I', name)) IS NOT NULL THEN
        PERFORM brin_summarize_new_values(format('staging.%I', name)::regclass);
    ELSIF pg_relation_size(to_regclass(format('staging.%I', part))) >= from_size THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON staging.%I USING brin (load_id)', name, part);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.index_partition(bigint, bigint) FROM PUBLIC;

-- Makes the own leaf of chunk n of a load, for the records from record_from to
-- below record_to, and returns its name. In the transaction that makes it, rows
-- are written without being logged (where wal_level is minimal) and frozen. Its
-- defaults know the source and the load; its check is what attaching would else
-- read all rows for.
CREATE FUNCTION staging.make_leaf(of_load bigint, n int, source text, record_from bigint, record_to bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leaf text := format('purchases_%s_%s', of_load, n);
BEGIN
    EXECUTE format('CREATE TABLE staging.%I (LIKE staging.purchases INCLUDING DEFAULTS,'
                   'CONSTRAINT bounds CHECK (load_id = %L::bigint AND record >= %L::bigint AND record < %L::bigint))', leaf, of_load, record_from, record_to);
    EXECUTE format('ALTER TABLE staging.%I ALTER source SET DEFAULT %L, ALTER load_id SET DEFAULT %s', leaf, source, of_load);
    RETURN leaf;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.make_leaf(bigint, int, text, bigint, bigint) FROM PUBLIC;

-- Attaches the own leaves of a load, each for the records that its chunk says.
CREATE FUNCTION staging.attach_leaves(of_load bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    chunk record;
BEGIN
    FOR chunk IN
        SELECT c.n, c.record_from, c.record_from + c.read AS record_to, o.name, o.attached
        FROM staging.chunks AS c LEFT JOIN staging.own_leaves(of_load, of_load + 1) AS o ON o.n = c.n
        WHERE c.load_id = of_load
        ORDER BY c.n
    LOOP
        IF chunk.name IS NULL THEN
            RAISE EXCEPTION 'chunk % of load % has no leaf', chunk.n, of_load;
        END IF;
        CONTINUE WHEN chunk.attached;
        EXECUTE format('ALTER TABLE staging.purchases ATTACH PARTITION staging.%I FOR VALUES FROM (%s, %s) TO (%s, %s)',
                       chunk.name, of_load, chunk.record_from, of_load, chunk.record_to);
        EXECUTE format('ALTER TABLE staging.%I DROP CONSTRAINT bounds', chunk.name);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.attach_leaves(bigint) FROM PUBLIC;

-- Drops the own leaves of a load and returns how many there were. One that is
-- attached takes the whole table's strongest lock, which is waited for no longer
-- than readers that come behind may wait. In the way of one that is not, there can
-- only be an autovacuum, which the server sends off after a second.
CREATE FUNCTION staging.drop_leaves(of_load bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
DECLARE
    leaf    record;
    dropped int := 0;
BEGIN
    FOR leaf IN SELECT o.name, o.attached FROM staging.own_leaves(of_load, of_load + 1) AS o ORDER BY o.attached, o.n LOOP
        IF leaf.attached THEN
            PERFORM set_config('lock_timeout', '300ms', true);
        END IF;
        EXECUTE format('DROP TABLE staging.%I', leaf.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.drop_leaves(bigint) FROM PUBLIC;

-- Base units for one unit of the currency on that day.
CREATE TABLE staging.rates (
    currency text          COLLATE "C",
    day      date,
    rate     numeric(18,9) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, day)
);
