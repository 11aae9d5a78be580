-- What was moved of some units on some local days, at one store or at each, by day, unit, store,
-- kind and act, and by how many postings.
-- Locks nothing. Index: primary key, by unit and day.
SELECT
    report_points.day,
    report_points.unit,
    report_points.store,
    report_points.kind,
    report_points.act,
    '' AS rule,
    sum(report_points.points)::bigint AS points,
    0 AS owed,
    sum(report_points.postings)::bigint AS postings
FROM report_points
WHERE
    report_points.programme_id = %(programme_id)s
    AND report_points.unit = any(%(units)s::text [])
    AND report_points.day >= %(since)s
    AND report_points.day < %(until)s
    AND (%(store)s::text IS NULL OR report_points.store = %(store)s)
GROUP BY
    report_points.day,
    report_points.unit,
    report_points.store,
    report_points.kind,
    report_points.act
