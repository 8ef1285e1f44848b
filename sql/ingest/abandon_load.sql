-- read = rejected + discarded: nothing of the load stays but its rejects.
UPDATE staging.loads l
SET state = $2, finished_at = $3, error = $4, read = c.read, loaded = 0, rejected = c.rejected, discarded = c.read - c.rejected
FROM (SELECT coalesce(sum(read), 0)::bigint AS read, coalesce(sum(rejected), 0)::bigint AS rejected
      FROM staging.chunks WHERE load_id = $1) c
WHERE l.id = $1 AND l.state = 'loading'
RETURNING l.read, l.rejected, l.discarded
