-- Who a console reads as, and whether that role may write any table of the schema.
SELECT current_user, current_database(), coalesce(bool_or(has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE')), false)
FROM pg_namespace n
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
WHERE n.nspname = $1
