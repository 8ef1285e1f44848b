-- What is broken of the law of staging; empty when nothing is.
WITH rows AS (
    SELECT load_id, count(*) AS n FROM staging.purchases GROUP BY load_id
), refused AS (
    SELECT load_id, count(*) AS n FROM staging.rejects GROUP BY load_id
), chunks AS (
    SELECT load_id, sum(read) AS read, sum(loaded) AS loaded, sum(rejected) AS rejected FROM staging.chunks GROUP BY load_id
), broken AS (
    SELECT 'load ' || l.id || ' counts ' || l.read || ' <> ' || l.loaded || ' + ' || l.rejected AS what
    FROM staging.loads AS l
    WHERE l.state = 'loaded' AND l.read <> l.loaded + l.rejected + coalesce(l.discarded, 0)
    UNION ALL
    SELECT 'load ' || l.id || ' says ' || l.loaded || ' rows and ' || l.rejected || ' rejects, has ' || coalesce(r.n, 0) || ' and ' || coalesce(x.n, 0)
    FROM staging.loads AS l LEFT JOIN rows AS r ON r.load_id = l.id LEFT JOIN refused AS x ON x.load_id = l.id
    WHERE l.state = 'loaded' AND (l.loaded <> coalesce(r.n, 0) OR l.rejected <> coalesce(x.n, 0))
    UNION ALL
    SELECT 'load ' || l.id || ' (' || l.state || ') has ' || r.n || ' rows beyond its chunks'
    FROM staging.loads AS l JOIN rows AS r ON r.load_id = l.id LEFT JOIN chunks AS c ON c.load_id = l.id
    WHERE l.state = 'loading' AND r.n <> coalesce(c.loaded, 0)
    UNION ALL
    SELECT 'load ' || l.id || ' is ' || l.state || ' and still has ' || r.n || ' rows'
    FROM staging.loads AS l JOIN rows AS r ON r.load_id = l.id
    WHERE l.state IN ('failed', 'stopped')
    UNION ALL
    SELECT 'leaf ' || o.name || ' has no chunk'
    FROM staging.own_leaves(0, 9223372036854775807) AS o
    WHERE NOT EXISTS (SELECT FROM staging.chunks AS c WHERE c.load_id = o.load AND c.n = o.n)
    UNION ALL
    SELECT 'leaf ' || o.name || ' is attached, its load is ' || l.state
    FROM staging.own_leaves(0, 9223372036854775807) AS o JOIN staging.loads AS l ON l.id = o.load
    WHERE o.attached <> (l.state IN ('loaded', 'undone'))
    UNION ALL
    SELECT 'rows of load ' || r.load_id || ', which does not exist'
    FROM rows AS r WHERE NOT EXISTS (SELECT FROM staging.loads AS l WHERE l.id = r.load_id)
    UNION ALL
    SELECT 'content loaded twice: loads ' || string_agg(id::text, ', ')
    FROM staging.loads WHERE state = 'loaded' GROUP BY source, sha256 HAVING count(*) > 1
)
SELECT coalesce(string_agg(what, '; '), '') FROM broken
