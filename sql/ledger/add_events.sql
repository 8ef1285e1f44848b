-- Adding an event again changes nothing: a batch whose COMMIT was not answered
-- is simply sent once more.
INSERT INTO staging.events (run, seq, at, kind, body)
SELECT $1, e.seq, e.at, e.kind, e.body::jsonb
FROM unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::text[]) AS e (seq, at, kind, body)
ON CONFLICT (run, seq) DO NOTHING
