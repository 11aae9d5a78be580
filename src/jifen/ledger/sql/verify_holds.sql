-- Open holds rebuilt from the postings that made them, captured and released them. What a posting
-- changed in held is a hold's, and a hold is never drawn below nothing.
-- Locks nothing; reads every posting.
WITH step AS (
    SELECT
        id,
        account_id,
        seq,
        kind,
        expires_at,
        hold_id,
        held_after - lag(held_after, 1, 0::bigint)
            OVER (PARTITION BY account_id ORDER BY seq ASC) AS held
    FROM posting
    WHERE programme_id = %(programme_id)s
),

change AS (
    SELECT
        account_id,
        CASE WHEN kind = 'hold' THEN id ELSE coalesce(hold_id, id) END AS hold_id,
        max(seq) FILTER (WHERE kind = 'hold') AS seq,
        max(expires_at) FILTER (WHERE kind = 'hold') AS expires_at,
        -coalesce(sum(held) FILTER (WHERE kind = 'burn'), 0) AS captured,
        sum(held) AS remaining
    FROM step
    WHERE kind = 'hold' OR hold_id IS NOT NULL OR held <> 0
    GROUP BY 1, 2
)

SELECT
    coalesce(change.hold_id, hold.id) AS id,
    coalesce(change.remaining, 0) AS expected,
    coalesce(hold.remaining, 0) AS found
FROM change
FULL JOIN (
    SELECT
        id,
        account_id,
        seq,
        captured,
        remaining,
        expires_at
    FROM hold
    WHERE programme_id = %(programme_id)s
) AS hold ON change.hold_id = hold.id
WHERE
    coalesce(change.remaining, 0) <> coalesce(hold.remaining, 0)
    OR change.remaining < 0
    OR (change.hold_id IS NOT NULL AND change.seq IS NULL)
    OR (
        hold.id IS NOT NULL
        AND (
            change.account_id IS DISTINCT FROM hold.account_id
            OR change.seq IS DISTINCT FROM hold.seq
            OR change.captured IS DISTINCT FROM hold.captured
            OR change.expires_at IS DISTINCT FROM hold.expires_at
        )
    )
ORDER BY 1
LIMIT %(limit)s
