-- What a run says of its own end outdoes what others thought of it meanwhile.
UPDATE staging.runs
SET state = $2, finished_at = $3, exit_code = $4, error = nullif($5, ''), hint = nullif($6, '')
WHERE id = $1
