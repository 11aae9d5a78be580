-- By how much each local day of a period changed what members hold of a unit; all days before it
-- are one row without a day. One row a day is read, from the programme's first day on.
-- Locks nothing. Index: primary key, by unit and day.
SELECT
    CASE WHEN report_outstanding.day >= %(since)s THEN report_outstanding.day END AS day,
    sum(report_outstanding.change)::bigint AS change
FROM report_outstanding
WHERE
    report_outstanding.programme_id = %(programme_id)s
    AND report_outstanding.unit = %(unit)s
    AND report_outstanding.day < %(until)s
GROUP BY 1
