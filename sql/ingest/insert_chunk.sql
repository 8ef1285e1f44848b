-- First in the chunk's transaction: the key makes a second attempt wait for the
-- first, and find it done when only the answer to its COMMIT was lost.
INSERT INTO staging.chunks (load_id, n, byte_from, byte_to, record_from, line_from, line_to, read, loaded, rejected)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (load_id, n) DO NOTHING
