-- Add to the sums of points by day. Locks the rows it touches; whoever calls holds the programme's
-- row of report_progress, so nobody else writes here. Index: primary key.
INSERT INTO report_points (programme_id, unit, day, store, kind, act, rule, points, postings)
SELECT
    %(programme_id)s,
    t.unit,
    t.day,
    t.store,
    t.kind,
    t.act,
    t.rule,
    t.points,
    t.postings
FROM
    unnest(
        %(units)s::text [],
        %(days)s::date [],
        %(stores)s::text [],
        %(kinds)s::text [],
        %(acts)s::text [],
        %(rules)s::text [],
        %(points)s::bigint [],
        %(postings)s::bigint []
    ) AS t (unit, day, store, kind, act, rule, points, postings)
ON CONFLICT (programme_id, unit, day, store, kind, act, rule) DO UPDATE
    SET
        points = report_points.points + excluded.points,
        postings = report_points.postings + excluded.postings
