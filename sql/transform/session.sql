-- Temporary tables of one transform, in staging. COPY takes no parameters, so
-- what the cleaning depends on lies here.
CREATE TEMP TABLE setting (
    base_currency text COLLATE "C" NOT NULL,
    max_age_days  int NOT NULL
) ON COMMIT DROP;

-- One row for every source that has loads.
CREATE TEMP TABLE rule (
    source        text COLLATE "C" PRIMARY KEY,
    currency      text COLLATE "C" NOT NULL,
    tax_included  bool NOT NULL,
    collapse      bool NOT NULL,
    replace       bool NOT NULL,
    return_prefix text COLLATE "C",
    adjust_prefix text COLLATE "C",
    void_status   text[] COLLATE "C" NOT NULL,
    return_status text[] COLLATE "C" NOT NULL,
    service_like  text[] COLLATE "C" NOT NULL
) ON COMMIT DROP;

-- Service codes without a wildcard; the others are LIKE patterns in rule.
CREATE TEMP TABLE service_code (
    source       text COLLATE "C",
    product_code text COLLATE "C",
    PRIMARY KEY (source, product_code)
) ON COMMIT DROP;

-- The loads that count. rank orders them by content, never by when they came.
CREATE TEMP TABLE visible (
    load_id bigint PRIMARY KEY,
    source  text COLLATE "C" NOT NULL,
    rank    int NOT NULL
) ON COMMIT DROP;

-- Staged lines that do not become facts.
CREATE TEMP TABLE dropped (
    load_id    bigint NOT NULL,
    record     bigint NOT NULL,
    source     text COLLATE "C" NOT NULL,
    invoice_no text COLLATE "C" NOT NULL,
    superseded bool NOT NULL
) ON COMMIT DROP;

CREATE TEMP TABLE touched (
    source     text COLLATE "C" NOT NULL,
    invoice_no text COLLATE "C" NOT NULL
) ON COMMIT DROP;
