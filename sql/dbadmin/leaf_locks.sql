-- How many leaves staging.purchases has, each of which a query over all of them
-- locks, and how many locks the server has room for, as its settings make it.
SELECT (SELECT count(*) FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass('staging.purchases')) AS leaves,
       current_setting('max_locks_per_transaction')::bigint AS per_transaction,
       current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint AS transactions
