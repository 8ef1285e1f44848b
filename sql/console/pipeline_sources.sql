-- (staging) What each source brought, what became of its newest load, and when data last came.
SELECT source,
       coalesce(sum(loaded) FILTER (WHERE state = 'loaded'), 0)::bigint AS rows,
       coalesce(sum(rejected) FILTER (WHERE state = 'loaded'), 0)::bigint AS rejected,
       (array_agg(state ORDER BY id DESC))[1] AS state,
       max(finished_at) FILTER (WHERE state = 'loaded') AS last,
       coalesce((array_agg(loaded ORDER BY id DESC) FILTER (WHERE state = 'loaded'))[1], 0)::bigint AS newest
FROM staging.loads
GROUP BY source
ORDER BY source
