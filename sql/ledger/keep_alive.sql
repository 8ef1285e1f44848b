-- For a session that is idle most of the time and must neither be ended nor
-- outlive its client by hours.
SELECT set_config('idle_session_timeout', '0', false), set_config('tcp_keepalives_idle', '5', false),
       set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false)
