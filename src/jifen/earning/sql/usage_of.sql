-- Every cap that members ever used, by period. Locks nothing: the members are locked.
-- Index: primary key (programme_id, member_id, cap, period).
SELECT
    member_id,
    cap,
    period
FROM cap_usage
WHERE programme_id = %(programme_id)s AND member_id = any(%(members)s::uuid [])
