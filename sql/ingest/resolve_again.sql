-- What a mended load resolved is resolved again when it comes back.
UPDATE staging.rejects SET state = 'resolved' WHERE resolved_by = $1 AND state = 'open'
