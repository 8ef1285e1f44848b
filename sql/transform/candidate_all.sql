-- Every line of every visible load. The loads are an array of numbers, a constant,
-- which is hashed and prunes partitions. No temporary table is joined, so that
-- passes over the whole may run in parallel.
CREATE TEMP VIEW candidate AS
SELECT * FROM staging.purchases WHERE load_id = ANY ('{loads}'::bigint[])
