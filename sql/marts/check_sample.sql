-- Counts what a check found and takes the first rows as a sample.
WITH found AS MATERIALIZED (
{query}
)
SELECT (SELECT count(*) FROM found),
       (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM (SELECT * FROM found LIMIT $1) AS f)::text
