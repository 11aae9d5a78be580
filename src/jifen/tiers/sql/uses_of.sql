-- Every benefit that members ever used, by period. Locks nothing: the members are locked.
-- Index: primary key (programme_id, member_id, benefit, period).
SELECT
    member_id,
    benefit,
    period
FROM benefit_usage
WHERE programme_id = %(programme_id)s AND member_id = any(%(members)s::uuid [])
