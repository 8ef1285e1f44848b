-- Loads that a dead run left half done and that this run did not continue.
SELECT id, source, name
FROM staging.loads
WHERE state = 'loading' AND source = ANY ($1) AND id <> ALL ($2)
ORDER BY id
