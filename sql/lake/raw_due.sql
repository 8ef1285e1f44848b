-- (staging) Loads whose raw file is not in the lake yet.
SELECT id, source, name, origin, sha256, file_sha256, finished_at
FROM staging.loads
WHERE state = 'loaded' AND raw_key IS NULL
ORDER BY id
