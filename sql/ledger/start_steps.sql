-- The steps of a run, before they start.
INSERT INTO staging.steps (run, step, engine, state)
SELECT $1, s.step, s.engine, 'waiting' FROM unnest($2::text[], $3::text[]) AS s (step, engine)
