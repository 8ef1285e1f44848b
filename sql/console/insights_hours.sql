-- Hours of the week with a sale or a return, in the report timezone.
SELECT weekday, hour, lines, purchases, trim_scale(units)::text, trim_scale(gross_revenue)::text,
       trim_scale(returned_value)::text, trim_scale(net_revenue)::text
FROM analytics.hourly_sales
ORDER BY weekday, hour
