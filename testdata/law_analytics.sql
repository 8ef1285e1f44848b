-- What is broken of the law of analytics; empty when nothing is.
WITH broken AS (
    SELECT 'facts ' || f.n || ' <> lineage ' || l.n AS what
    FROM (SELECT count(*) AS n FROM analytics.fact_purchase_line) AS f,
         (SELECT coalesce(sum(staged - collapsed - superseded), 0) AS n FROM analytics.purchase_lineage) AS l
    WHERE f.n <> l.n
    UNION ALL
    SELECT 'an invoice is twice in the facts: ' || source || ' ' || invoice_no
    FROM (SELECT f.source, f.invoice_no, count(*) AS n, max(l.staged - l.collapsed - l.superseded) AS due
          FROM analytics.fact_purchase_line AS f JOIN analytics.purchase_lineage AS l USING (source, invoice_no)
          GROUP BY 1, 2) AS x
    WHERE n <> due
    UNION ALL
    SELECT 'the marts are of version ' || m.marts_version || ' but sum to ' || p.n || ', facts to ' || f.n
    FROM analytics.meta AS m,
         (SELECT coalesce(sum(net_revenue), 0) AS n FROM analytics.daily_sales) AS p,
         (SELECT coalesce(sum(amount_base), 0) AS n FROM analytics.fact_purchase_line WHERE kind IN ('sale', 'return')) AS f
    WHERE m.marts_version = m.version AND m.version > 0 AND p.n <> f.n
)
SELECT coalesce(string_agg(what, '; '), '') FROM broken
