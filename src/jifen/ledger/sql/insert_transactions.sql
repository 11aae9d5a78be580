-- Append transactions. Index touched: primary key.
INSERT INTO ledger_transaction (
    programme_id, id, kind, actor, reason, reverses_id, occurred_at, booked_at
)
SELECT
    %(programme_id)s,
    t.id,
    t.kind,
    t.actor,
    t.reason,
    t.reverses_id,
    t.occurred_at,
    %(booked_at)s
FROM
    unnest(
        %(ids)s::uuid [],
        %(kinds)s::text [],
        %(actors)s::text [],
        %(occurred_ats)s::timestamptz [],
        %(reasons)s::text [],
        %(reverses_ids)s::uuid []
    ) AS t (id, kind, actor, occurred_at, reason, reverses_id)
