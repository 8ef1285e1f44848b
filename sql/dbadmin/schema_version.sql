-- The ledger of migrations of one database. {schema} is a quoted identifier.
-- A role that loads data may read it but not write it.
CREATE TABLE {schema}.schema_version (
    version    int         PRIMARY KEY,
    name       text        COLLATE "C" NOT NULL,
    sha256     bytea       NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text        COLLATE "C" NOT NULL DEFAULT session_user
);
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'penstock_etl') THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.schema_version FROM penstock_etl;
    END IF;
END
$$;
