-- Load the kept spend by period of locked members. Locks nothing. Index: primary key.
SELECT
    member_id,
    period,
    spend_minor
FROM period_spend
WHERE programme_id = %(programme_id)s AND member_id = any(%(members)s::uuid [])
