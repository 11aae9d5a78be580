-- Load the kept spend and growth by period of locked members. Locks nothing. Index: primary key.
SELECT
    member_id,
    period,
    spend_minor,
    growth
FROM period_spend
WHERE programme_id = %(programme_id)s AND member_id = any(%(members)s::uuid [])
