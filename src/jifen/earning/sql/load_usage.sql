-- What members have used of caps in given periods. Locks nothing: the members are locked.
-- Index: primary key (programme_id, member_id, cap, period).
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
SELECT
    wanted.member_id,
    wanted.cap,
    wanted.period,
    found.used
FROM
    unnest(
        %(members)s::uuid [], %(caps)s::text [], %(periods)s::text []
    ) AS wanted (member_id, cap, period)
CROSS JOIN LATERAL (
    SELECT cap_usage.used
    FROM cap_usage
    WHERE
        cap_usage.programme_id = %(programme_id)s
        AND cap_usage.member_id = wanted.member_id
        AND cap_usage.cap = wanted.cap
        AND cap_usage.period = wanted.period
    LIMIT 1 -- noqa: AM09
) AS found
