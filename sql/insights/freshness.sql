-- (staging) What each source brought, and when it last did.
SELECT source, count(*), coalesce(sum(read), 0)::bigint, coalesce(sum(loaded), 0)::bigint,
       coalesce(sum(rejected), 0)::bigint, max(finished_at)
FROM staging.loads
WHERE state = 'loaded'
GROUP BY source
ORDER BY source
