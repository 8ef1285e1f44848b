-- The leaf that a load shares with others, if it was made, and its loads.
SELECT name, low, high FROM staging.shared_leaves($1, $1::bigint + 1)
