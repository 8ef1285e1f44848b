-- A spooled file is needed until its load lies in the lake, or is given up.
SELECT EXISTS (SELECT FROM staging.loads WHERE origin = $1 AND raw_key IS NULL AND state IN ('loading', 'loaded', 'undone'))
