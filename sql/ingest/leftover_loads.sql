-- Loads that are over but whose rows are still there: chunks go with the rows.
SELECT DISTINCT l.id
FROM staging.loads l
JOIN staging.chunks c ON c.load_id = l.id
WHERE l.state IN ('stopped', 'failed')
ORDER BY 1
