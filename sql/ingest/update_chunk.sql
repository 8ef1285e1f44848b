-- What became of a chunk that was entered before its records were read.
UPDATE staging.chunks
SET byte_to = $3, line_to = $4, read = $5, loaded = $6, rejected = $7
WHERE load_id = $1 AND n = $2
