-- (staging) Open rejects of loads that count, by source and reason.
SELECT l.source, r.reason, coalesce(r.column_name, ''), count(*)
FROM staging.rejects AS r
JOIN staging.loads AS l ON l.id = r.load_id
WHERE r.state = 'open' AND l.state = 'loaded'
GROUP BY 1, 2, 3
ORDER BY count(*) DESC, 1, 2, 3
