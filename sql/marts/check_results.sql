-- One row a check; $1 is the run, an array each of what they found.
INSERT INTO analytics.check_results (run, check_name, severity, description, found, sample, at)
SELECT $1, t.name, t.severity, t.description, t.found, t.sample::jsonb, $2
FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[]) AS t(name, severity, description, found, sample)
ON CONFLICT (run, check_name) DO UPDATE
SET severity = excluded.severity, description = excluded.description, found = excluded.found, sample = excluded.sample, at = excluded.at
