-- Whether a load has leaves of its own, and whether others share one with it.
SELECT EXISTS (SELECT FROM staging.own_leaves($1, $1::bigint + 1)), EXISTS (SELECT FROM staging.shared_leaves($1, $1::bigint + 1))
