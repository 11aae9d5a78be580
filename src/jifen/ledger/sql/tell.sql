-- Write down that members were told of what ends by itself in their accounts within a span of time,
-- after its begin and up to its end: lots, and accounts that are not used. It ends then at its own
-- time, or when it was told if that is later, and never before now. What was told first counts.
-- Locks: nothing beyond the new rows; the members are locked.
-- Indexes: lot_account; primary keys.
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
WITH told AS (
    SELECT t.*
    FROM
        unnest(
            %(accounts)s::uuid [],
            %(begins_ats)s::timestamptz [],
            %(covers_tos)s::timestamptz [],
            %(untils)s::timestamptz []
        ) AS t (account_id, begins_at, covers_to, until)
),

ending AS (
    SELECT
        told.account_id,
        lot.expires_at,
        told.until
    FROM told
    INNER JOIN lot
        ON
            lot.programme_id = %(programme_id)s
            AND told.account_id = lot.account_id
            AND told.begins_at < lot.expires_at
            AND told.covers_to >= lot.expires_at
    UNION
    SELECT
        told.account_id,
        account.idle_at AS expires_at,
        told.until
    FROM told
    CROSS JOIN
        LATERAL (
            SELECT found.idle_at
            FROM account AS found
            WHERE found.programme_id = %(programme_id)s AND found.id = told.account_id
            LIMIT 1 -- noqa: AM09
        ) AS account
    WHERE told.begins_at < account.idle_at AND told.covers_to >= account.idle_at
)

INSERT INTO lot_notice (programme_id, account_id, expires_at, until)
SELECT
    %(programme_id)s,
    ending.account_id,
    ending.expires_at,
    greatest(ending.expires_at, ending.until, %(at)s)
FROM ending
ON CONFLICT DO NOTHING
