-- What was moved of a unit on some local days, at one store or at all, by day, kind, act and rule.
-- Locks nothing. Index: primary key, by unit and day.
SELECT
    report_points.day,
    report_points.unit,
    '' AS store,
    report_points.kind,
    report_points.act,
    report_points.rule,
    sum(report_points.points)::bigint AS points
FROM report_points
WHERE
    report_points.programme_id = %(programme_id)s
    AND report_points.unit = %(unit)s
    AND report_points.day >= %(since)s
    AND report_points.day < %(until)s
    AND (%(store)s::text IS NULL OR report_points.store = %(store)s)
GROUP BY
    report_points.day,
    report_points.unit,
    report_points.kind,
    report_points.act,
    report_points.rule
