-- Lets the next load have a number that no shared leaf takes rows of.
SELECT setval('staging.loads_id_seq', leaf.high - 1)
FROM (SELECT last_value + is_called::int AS id FROM staging.loads_id_seq) AS next
CROSS JOIN staging.shared_leaves(next.id, next.id + 1) AS leaf
