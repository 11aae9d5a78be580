-- Add to what each day changed of outstanding points. Locks the rows it touches; whoever calls
-- holds the programme's row of report_progress. Index: primary key.
INSERT INTO report_outstanding (programme_id, unit, day, change)
SELECT
    %(programme_id)s,
    t.unit,
    t.day,
    t.change
FROM unnest(%(units)s::text [], %(days)s::date [], %(changes)s::bigint []) AS t (unit, day, change)
ON CONFLICT (programme_id, unit, day) DO UPDATE
    SET change = report_outstanding.change + excluded.change
