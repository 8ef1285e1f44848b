SELECT id, source, sha256 || fingerprint AS hash, coalesce(read, 0), coalesce(loaded, 0), coalesce(rejected, 0), on_change
FROM staging.loads
WHERE state = 'loaded' AND entity = 'purchases'
ORDER BY id
