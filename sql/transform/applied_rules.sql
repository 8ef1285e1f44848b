WITH gone AS (
    DELETE FROM analytics.applied_rules WHERE source <> ALL ($1)
)
INSERT INTO analytics.applied_rules AS a (source, fingerprint)
SELECT * FROM unnest($1::text[], $2::bytea[])
ON CONFLICT (source) DO UPDATE SET fingerprint = excluded.fingerprint
WHERE a.fingerprint <> excluded.fingerprint
