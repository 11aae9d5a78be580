-- Accounts against their open lots and holds: what is available and what is pending is in lots,
-- what is held is in holds. Answers the first of these that differs. Locks nothing.
WITH in_lots AS (
    SELECT
        account_id,
        coalesce(sum(remaining) FILTER (WHERE NOT is_pending), 0) AS available,
        coalesce(sum(remaining) FILTER (WHERE is_pending), 0) AS pending
    FROM lot
    WHERE programme_id = %(programme_id)s
    GROUP BY account_id
),

in_holds AS (
    SELECT
        account_id,
        sum(remaining) AS held
    FROM hold
    WHERE programme_id = %(programme_id)s
    GROUP BY account_id
),

pair AS (
    SELECT
        account.id,
        account.available,
        account.pending,
        account.held,
        coalesce(in_lots.available, 0) AS available_in_lots,
        coalesce(in_lots.pending, 0) AS pending_in_lots,
        coalesce(in_holds.held, 0) AS held_in_holds
    FROM account
    LEFT JOIN in_lots ON account.id = in_lots.account_id
    LEFT JOIN in_holds ON account.id = in_holds.account_id
    WHERE account.programme_id = %(programme_id)s
)

SELECT
    id,
    CASE
        WHEN available_in_lots <> available THEN available_in_lots
        WHEN pending_in_lots <> pending THEN pending_in_lots
        ELSE held_in_holds
    END AS expected,
    CASE
        WHEN available_in_lots <> available THEN available
        WHEN pending_in_lots <> pending THEN pending
        ELSE held
    END AS found
FROM pair
WHERE
    available_in_lots <> available
    OR pending_in_lots <> pending
    OR held_in_holds <> held
ORDER BY id
LIMIT %(limit)s
