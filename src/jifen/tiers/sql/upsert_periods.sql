-- Write the kept spend and growth by period of locked members. Index: primary key.
INSERT INTO period_spend (programme_id, member_id, period, spend_minor, growth)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(members)s::uuid [],
        %(periods)s::text [],
        %(spends)s::bigint [],
        %(growths)s::bigint []
    ) AS t
ON CONFLICT (programme_id, member_id, period) DO UPDATE
    SET
        spend_minor = excluded.spend_minor,
        growth = excluded.growth
