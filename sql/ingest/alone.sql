-- Whether no other load has rows in the partition of a load.
SELECT NOT EXISTS (
    SELECT FROM staging.chunks
    WHERE load_id >= $1 - $1 % 64 AND load_id < $1 - $1 % 64 + 64 AND load_id <> $1)
