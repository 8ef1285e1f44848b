SELECT run, step, engine, state, started_at, finished_at, coalesce(read, 0) AS read, coalesce(loaded, 0) AS loaded,
       coalesce(rejected, 0) AS rejected, coalesce(collapsed, 0) AS collapsed, coalesce(bytes, 0) AS bytes,
       coalesce(detail ->> 'reason', '') AS reason, coalesce(detail ->> 'error', '') AS error,
       coalesce(detail ->> 'hint', '') AS hint
FROM staging.steps
WHERE run = ANY ($1)
ORDER BY run DESC, array_position($2::text[], step)
