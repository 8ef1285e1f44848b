-- How a transaction that works on many rows runs. $1 is the time zone of reports.
SELECT set_config('timezone', $1, true),
       set_config('jit', 'off', true),
       set_config('work_mem', greatest(65536, least(262144, pg_size_bytes(current_setting('shared_buffers')) / 4096)) || 'kB', true),
       set_config('maintenance_work_mem', greatest(65536, least(524288, pg_size_bytes(current_setting('shared_buffers')) / 2048)) || 'kB', true),
       set_config('max_parallel_workers_per_gather', greatest(2, current_setting('max_parallel_workers_per_gather')::int)::text, true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('statement_timeout', '0', true)
