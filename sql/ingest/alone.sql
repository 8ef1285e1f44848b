-- Whether no other load has rows in the leaf of loads $2 to below $3.
SELECT NOT EXISTS (SELECT FROM staging.chunks WHERE load_id >= $2 AND load_id < $3 AND load_id <> $1)
