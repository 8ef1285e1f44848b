SELECT l.source, r.reason, coalesce(r.column_name, ''), count(DISTINCT r.load_id),
       count(*) FILTER (WHERE r.state = 'open'), count(*) FILTER (WHERE r.state = 'resolved')
FROM staging.rejects r
JOIN staging.loads l ON l.id = r.load_id
WHERE l.state <> 'undone' AND ($1::bigint = 0 OR l.run = $1)
GROUP BY l.source, r.reason, r.column_name
ORDER BY 5 DESC, 6 DESC, 1, 2, 3
