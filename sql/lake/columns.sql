-- $1 = a table of analytics: its columns as the lake declares them.
SELECT a.attname::text, t.typname::text,
       CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod > 0 THEN ((a.atttypmod - 4) >> 16) & 65535 ELSE 0 END,
       CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod > 0 THEN (a.atttypmod - 4) & 2047 ELSE 0 END,
       a.attnotnull
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass('analytics.' || quote_ident($1))
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
