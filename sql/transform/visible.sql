INSERT INTO visible
SELECT id, source, row_number() OVER (ORDER BY sha256, fingerprint, source)
FROM staging.loads
WHERE state = 'loaded' AND entity = 'purchases'
