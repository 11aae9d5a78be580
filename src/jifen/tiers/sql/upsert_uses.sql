-- Write how often locked members used benefits. Index: primary key.
INSERT INTO benefit_usage (programme_id, member_id, benefit, period, used, quota)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(members)s::uuid [],
        %(benefits)s::text [],
        %(periods)s::text [],
        %(useds)s::int [],
        %(quotas)s::int []
    ) AS t
ON CONFLICT (programme_id, member_id, benefit, period) DO UPDATE
    SET
        used = excluded.used,
        quota = excluded.quota
