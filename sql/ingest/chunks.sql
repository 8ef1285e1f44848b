SELECT n, byte_from, byte_to, record_from, line_from, line_to, read, loaded, rejected
FROM staging.chunks
WHERE load_id = $1
ORDER BY byte_from
