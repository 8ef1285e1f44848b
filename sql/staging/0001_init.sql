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
-- COPY of ingest writes the columns in this order.
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
) PARTITION BY RANGE (load_id);

-- Makes the partition of 64 loads that a load belongs to, unless it is there,
-- and returns its name. It runs as the owner, so that a role that may only
-- write rows can ask for it. Attaching (not CREATE .. PARTITION OF) leaves
-- readers and writers of the other partitions alone.
CREATE FUNCTION staging.ensure_partition(load_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    low  bigint := load_id - load_id % 64;
    part text   := format('purchases_%s', low);
BEGIN
    IF to_regclass(format('staging.%I', part)) IS NULL THEN
        -- The lock that attaching takes anyway. Waiting for it, unlike for an
        -- advisory one, shows what the session before made meanwhile.
        LOCK TABLE staging.purchases IN SHARE UPDATE EXCLUSIVE MODE;
        IF to_regclass(format('staging.%I', part)) IS NULL THEN
            EXECUTE format('CREATE TABLE staging.%I (LIKE staging.purchases INCLUDING DEFAULTS)', part);
            EXECUTE format('ALTER TABLE staging.purchases ATTACH PARTITION staging.%I FOR VALUES FROM (%s) TO (%s)',
                           part, low, low + 64);
        END IF;
    END IF;
    RETURN part;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.ensure_partition(bigint) FROM PUBLIC;

-- Brings the index of a load's partition up to date: BRIN, by which the rows of
-- one load are found. It is called when a load is complete. A partition below a
-- gigabyte has none: it is read as quickly without, and every row written under
-- an index costs a seventh more. One written before its pages are summarized
-- would not know them before the next vacuum either.
CREATE FUNCTION staging.index_partition(load_id bigint, from_size bigint DEFAULT 1 << 30) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part text := format('purchases_%s', load_id - load_id % 64);
    name text := part || '_load_id';
BEGIN
    IF to_regclass(format('staging.%I', name)) IS NOT NULL THEN
        PERFORM brin_summarize_new_values(format('staging.%I', name)::regclass);
    ELSIF pg_relation_size(to_regclass(format('staging.%I', part))) >= from_size THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON staging.%I USING brin (load_id)', name, part);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION staging.index_partition(bigint, bigint) FROM PUBLIC;

-- Base units for one unit of the currency on that day.
CREATE TABLE staging.rates (
    currency text          COLLATE "C",
    day      date,
    rate     numeric(18,9) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, day)
);
