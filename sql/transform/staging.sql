-- Which staging database this is, and a fingerprint of its rates.
SELECT uuid::text, (SELECT md5(string_agg(r::text, E'\n' ORDER BY currency, day)) FROM staging.rates AS r)
FROM staging.meta
