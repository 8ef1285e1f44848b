-- The partition of a load, if it was made.
SELECT relname
FROM pg_catalog.pg_class
WHERE oid = to_regclass(format('staging.%I', 'purchases_' || ($1::bigint - $1::bigint % 64)))
