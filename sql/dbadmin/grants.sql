-- What the roles may do in one database. {schema}, {owner} (of the schema) and
-- {database} are replaced by quoted identifiers. Granting twice changes nothing.
GRANT USAGE ON SCHEMA {schema} TO penstock_etl, penstock_analyst;
GRANT USAGE, CREATE ON SCHEMA {schema} TO penstock_owner;

GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO penstock_analyst;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA {schema} TO penstock_etl;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO penstock_etl;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO penstock_etl;

ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT ON TABLES TO penstock_analyst;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO penstock_etl;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO penstock_etl;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT EXECUTE ON ROUTINES TO penstock_etl;

-- Only a migration may say which version the schema has.
DO $$
BEGIN
    IF to_regclass('{schema}.schema_version') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.schema_version FROM penstock_etl;
    END IF;
END
$$;
