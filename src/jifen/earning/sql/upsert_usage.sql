-- Write the use of caps of locked members. Index: primary key.
INSERT INTO cap_usage (programme_id, member_id, cap, period, used)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(members)s::uuid [], %(caps)s::text [], %(periods)s::text [], %(useds)s::bigint []
    ) AS t
ON CONFLICT (programme_id, member_id, cap, period) DO UPDATE
    SET used = excluded.used
