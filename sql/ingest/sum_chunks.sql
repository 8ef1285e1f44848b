SELECT count(*), coalesce(sum(byte_to - byte_from), 0)::bigint, coalesce(sum(read), 0)::bigint,
       coalesce(sum(loaded), 0)::bigint, coalesce(sum(rejected), 0)::bigint
FROM staging.chunks
WHERE load_id = $1
