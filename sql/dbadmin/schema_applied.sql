-- The version ledger's columns, whether or not the caller may use the schema.
SELECT pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
       pg_catalog.pg_has_role(n.nspowner, 'USAGE') AS may_act_as_owner,
       EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'schema_version') AS has_ledger
FROM pg_catalog.pg_namespace n
WHERE n.nspname = $1
