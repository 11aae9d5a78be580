-- Append notices, each member's of one unit, day and day before only once.
-- Locks: nothing beyond the new rows; notice_once refuses a second one.
INSERT INTO notice (
    programme_id,
    id,
    member_id,
    account_id,
    unit_id,
    clearing_id,
    kind,
    ends_on,
    ends_at,
    days_before,
    is_late,
    begins_at,
    covers_to,
    points,
    state,
    channel,
    reason,
    planned_at
)
SELECT
    %(programme_id)s,
    t.*,
    'planned' AS state,
    '' AS channel,
    '' AS reason,
    %(at)s AS planned_at
FROM
    unnest(
        %(ids)s::uuid [],
        %(members)s::uuid [],
        %(accounts)s::uuid [],
        %(units)s::uuid [],
        %(clearings)s::uuid [],
        %(kinds)s::text [],
        %(ends_ons)s::date [],
        %(ends_ats)s::timestamptz [],
        %(days)s::int [],
        %(are_late)s::boolean [],
        %(begins_ats)s::timestamptz [],
        %(covers_tos)s::timestamptz [],
        %(points)s::bigint []
    ) AS t
ON CONFLICT DO NOTHING
RETURNING notice.id, notice.member_id
