-- How often each member used each benefit in each period is what the activities say: uses, by
-- themselves or on orders, less those given back, by staff or because nothing of the order is kept.
-- A member has the uses of everybody who is a part of it, too. Locks nothing; reads the uses, and
-- the activities that made some or gave some back.
WITH RECURSIVE used AS MATERIALIZED (
    SELECT
        activity.id,
        activity.member_id,
        told ->> 'benefit' AS benefit,
        told ->> 'period' AS period
    FROM activity
    CROSS JOIN jsonb_array_elements(activity.record::jsonb -> 'uses') AS told
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind IN ('benefit_use', 'purchase')
        AND activity.record LIKE '%%"uses":[%%'
        AND told ->> 'period' <> ''
),

changed AS MATERIALIZED (
    SELECT
        used.member_id,
        used.benefit,
        used.period,
        1 AS uses
    FROM used
    UNION ALL
    SELECT
        act.member_id,
        used.benefit,
        used.period,
        -1 AS uses
    FROM used
    INNER JOIN activity AS act
        ON
            act.programme_id = %(programme_id)s
            AND used.id = act.of_id
    WHERE
        act.kind IN ('benefit_back', 'reversal')
        OR (act.kind = 'refund' AND act.record LIKE '%%"purchases_kept":-1%%')
),

-- Each of these members, and whose part it is.
line AS (
    SELECT
        changed.member_id AS id,
        changed.member_id AS whose_id
    FROM changed
    UNION
    SELECT
        line.id,
        member.merged_into_id AS whose_id
    FROM line
    INNER JOIN member
        ON
            member.programme_id = %(programme_id)s
            AND line.whose_id = member.id
    WHERE member.merged_into_id IS NOT NULL
),

counted AS (
    SELECT
        line.whose_id AS member_id,
        changed.benefit,
        changed.period,
        sum(changed.uses)::int AS uses
    FROM changed
    INNER JOIN line ON changed.member_id = line.id
    GROUP BY line.whose_id, changed.benefit, changed.period
)

SELECT
    concat_ws(
        ' ',
        coalesce(usage.member_id, counted.member_id),
        coalesce(usage.benefit, counted.benefit),
        coalesce(usage.period, counted.period)
    ) AS id,
    coalesce(counted.uses, 0) AS expected,
    coalesce(usage.used, 0) AS found
FROM counted
FULL OUTER JOIN (SELECT * FROM benefit_usage WHERE programme_id = %(programme_id)s) AS usage
    ON
        counted.member_id = usage.member_id
        AND counted.benefit = usage.benefit
        AND counted.period = usage.period
WHERE coalesce(counted.uses, 0) <> coalesce(usage.used, 0)
ORDER BY id
LIMIT %(limit)s
