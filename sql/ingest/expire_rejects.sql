DELETE FROM staging.rejects r
USING staging.loads l
WHERE l.id = r.load_id AND l.state <> 'loading' AND l.finished_at < $1
