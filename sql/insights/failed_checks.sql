-- What the last check of the marts found, errors first.
SELECT check_name, severity, description, found
FROM analytics.check_results
WHERE run = (SELECT max(run) FROM analytics.check_results) AND found > 0
ORDER BY severity, check_name
