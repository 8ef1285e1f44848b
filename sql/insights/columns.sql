-- $1 = a table of analytics; its columns in their order.
SELECT a.attname::text
FROM pg_attribute AS a
WHERE a.attrelid = to_regclass('analytics.' || quote_ident($1))
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
