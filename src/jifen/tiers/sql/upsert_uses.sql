-- Write how often locked members used benefits. Index: primary key.
INSERT INTO benefit_usage (programme_id, member_id, benefit, period, used, quota, held, holders)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(members)s::uuid [],
        %(benefits)s::text [],
        %(periods)s::text [],
        %(useds)s::int [],
        %(quotas)s::int [],
        %(helds)s::int [],
        %(holders)s::text []
    ) AS t
ON CONFLICT (programme_id, member_id, benefit, period) DO UPDATE
    SET
        used = excluded.used,
        quota = excluded.quota,
        held = excluded.held,
        holders = excluded.holders
