INSERT INTO staging.progress (run, at, body) VALUES ($1, $2, $3)
ON CONFLICT (run) DO UPDATE SET at = excluded.at, body = excluded.body
