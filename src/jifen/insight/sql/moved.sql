-- What the postings from one id up to another moved, in groups: by local day of what happened,
-- unit, store, kind, the act that caused it (the kind of transaction where nobody acted) and rule;
-- by how much members owe more; and how many they were. Growth is left out: nobody spends it.
-- Ids are made in the order of booking, so a range of them is what was booked in some minutes,
-- whenever it happened.
-- A store's part is what was done there; of what expired, what had been earned there.
-- Locks nothing. Indexes: primary keys; posting_order (programme_id, account_id, seq) for the one
-- before; draw_down_order (programme_id, posting_id, rank).
SELECT
    (ledger_transaction.occurred_at AT TIME ZONE %(zone)s)::date AS day,
    unit.code AS unit,
    coalesce(store.code, '') AS store,
    moved.kind,
    coalesce(activity.kind, ledger_transaction.kind) AS act,
    moved.rule,
    sum(part.points)::bigint AS points,
    sum(part.owed)::bigint AS owed,
    count(*)::bigint AS postings
FROM posting AS moved
INNER JOIN account ON account.programme_id = %(programme_id)s AND moved.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
        AND unit.kind <> 'growth'
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND moved.transaction_id = ledger_transaction.id
LEFT JOIN activity
    ON activity.programme_id = %(programme_id)s AND moved.transaction_id = activity.id
LEFT JOIN posting AS earlier
    ON
        earlier.programme_id = %(programme_id)s
        AND moved.account_id = earlier.account_id
        AND moved.seq - 1 = earlier.seq
INNER JOIN LATERAL (
    SELECT
        coalesce(activity.store_id, moved.store_id) AS store_id,
        moved.amount AS points,
        moved.deficit_after - coalesce(earlier.deficit_after, 0) AS owed
    WHERE moved.kind <> 'expire'
    UNION ALL
    SELECT
        opened.store_id,
        -sum(draw_down.amount) AS points,
        0 AS owed
    FROM draw_down
    INNER JOIN posting AS opened
        ON opened.programme_id = %(programme_id)s AND draw_down.lot_id = opened.id
    WHERE
        moved.kind = 'expire'
        AND draw_down.programme_id = %(programme_id)s
        AND draw_down.posting_id = moved.id
    GROUP BY opened.store_id
) AS part ON TRUE
LEFT JOIN store ON store.programme_id = %(programme_id)s AND part.store_id = store.id
WHERE
    moved.programme_id = %(programme_id)s
    AND moved.id >= %(begins)s::uuid
    AND moved.id < %(ends)s::uuid
GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(part.points) <> 0 OR sum(part.owed) <> 0
