-- Asks a run to stop; who asked first is kept.
UPDATE staging.runs
SET cancel_requested = coalesce(cancel_requested, $2), cancelled_by = coalesce(cancelled_by, $3)
WHERE id = $1 AND state = 'running'
RETURNING pg_notify('penstock_cancel', id::text)::text
