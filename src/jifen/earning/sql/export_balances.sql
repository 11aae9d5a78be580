-- Every member and every unit, with what the member holds as of a time; see the ledger's
-- balances.sql, which reads one member in the same way.
-- Locks nothing. Reads the programme once; the order is that of code points on every server.
-- Index: the primary keys and identity_belongs_to_one_member, by programme_id.
WITH external_id AS (
    SELECT
        identity.member_id,
        min(identity.value COLLATE "C") AS member -- noqa: RF03
    FROM identity
    WHERE identity.programme_id = %(programme_id)s AND identity.kind = 'external'
    GROUP BY identity.member_id
),

idle AS (
    SELECT
        account.id AS account_id,
        unit.guarded_from,
        CASE
            WHEN unit.guarded_from < account.idle_at THEN told.until
            ELSE account.idle_at
        END AS over_at
    FROM account
    INNER JOIN unit
        ON
            account.programme_id = unit.programme_id
            AND account.unit_id = unit.id
    LEFT JOIN lot_notice AS told
        ON
            account.programme_id = told.programme_id
            AND account.id = told.account_id
            AND account.idle_at = told.expires_at
    WHERE account.programme_id = %(programme_id)s
),

dated AS (
    SELECT
        lot.account_id,
        lot.remaining,
        lot.is_pending,
        lot.ripens_at,
        CASE
            WHEN idle.guarded_from < lot.expires_at THEN told.until
            ELSE lot.expires_at
        END AS ends_at
    FROM lot
    INNER JOIN idle ON lot.account_id = idle.account_id
    LEFT JOIN lot_notice AS told
        ON
            lot.programme_id = told.programme_id
            AND lot.account_id = told.account_id
            AND lot.expires_at = told.expires_at
    WHERE
        lot.programme_id = %(programme_id)s
        AND (lot.expires_at <= %(at)s OR lot.is_pending)
),

due AS (
    SELECT
        account_id,
        coalesce(sum(remaining) FILTER (WHERE NOT is_pending), 0) AS available,
        coalesce(sum(remaining) FILTER (WHERE is_pending), 0) AS pending
    FROM dated
    WHERE ends_at <= %(at)s
    GROUP BY account_id
),

ripe AS (
    SELECT
        account_id,
        sum(remaining) AS points
    FROM dated
    WHERE is_pending AND ripens_at <= %(at)s AND coalesce(ends_at > %(at)s, TRUE)
    GROUP BY account_id
),

grace AS (
    SELECT
        draw_down.lot_id,
        max(posting.expires_at) AS until
    FROM posting
    INNER JOIN draw_down
        ON
            posting.programme_id = draw_down.programme_id
            AND posting.id = draw_down.posting_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.kind = 'give_back'
        AND posting.expires_at IS NOT NULL
    GROUP BY draw_down.lot_id
),

slice AS (
    SELECT
        hold.account_id,
        hold.seq,
        hold.expires_at AS ended_at,
        draw_down.rank,
        least(sum(draw_down.amount) OVER line, hold.captured + hold.remaining)
        - greatest(
            sum(draw_down.amount) OVER line - draw_down.amount, hold.captured
        ) AS points,
        coalesce(lasts.ends_at > hold.expires_at, TRUE)
        AND coalesce(idle.over_at > hold.expires_at, TRUE) AS pays,
        coalesce(lasts.ends_at > %(at)s, TRUE) AS is_living
    FROM hold
    INNER JOIN draw_down
        ON
            hold.programme_id = draw_down.programme_id
            AND hold.id = draw_down.posting_id
    INNER JOIN posting AS opening
        ON
            draw_down.programme_id = opening.programme_id
            AND draw_down.lot_id = opening.id
    LEFT JOIN grace ON opening.id = grace.lot_id
    INNER JOIN idle ON hold.account_id = idle.account_id
    LEFT JOIN lot_notice AS told
        ON
            hold.programme_id = told.programme_id
            AND hold.account_id = told.account_id
            AND coalesce(grace.until, opening.expires_at) = told.expires_at
    LEFT JOIN LATERAL (
        SELECT
            CASE
                WHEN idle.guarded_from < coalesce(grace.until, opening.expires_at) THEN told.until
                ELSE coalesce(grace.until, opening.expires_at)
            END AS ends_at
    ) AS lasts ON TRUE
    WHERE hold.programme_id = %(programme_id)s AND hold.expires_at <= %(at)s
    WINDOW line AS (PARTITION BY hold.id ORDER BY draw_down.rank ASC)
),

part AS (
    SELECT
        slice.account_id,
        slice.points,
        slice.is_living,
        CASE
            WHEN slice.pays
                THEN
                    greatest(
                        least(
                            account.deficit
                            - sum(slice.points) FILTER (WHERE slice.pays) OVER ends
                            + slice.points,
                            slice.points
                        ),
                        0
                    )
            ELSE 0
        END AS paid
    FROM slice
    INNER JOIN account
        ON
            account.programme_id = %(programme_id)s
            AND slice.account_id = account.id
    WHERE slice.points > 0
    WINDOW
        ends AS (
            PARTITION BY slice.account_id
            ORDER BY slice.ended_at ASC, slice.seq ASC, slice.rank DESC
        )
),

ended AS (
    SELECT
        part.account_id,
        sum(part.points) AS points,
        sum(part.paid) AS paid,
        sum(part.points - part.paid) FILTER (WHERE part.is_living) AS available
    FROM part
    GROUP BY part.account_id
)

SELECT
    coalesce(external_id.member, member.id::text) AS member,
    unit.code AS unit,
    CASE
        WHEN idle.over_at <= %(at)s THEN 0
        ELSE
            (
                coalesce(account.available, 0)
                - coalesce(due.available, 0)
                + coalesce(ripe.points, 0)
                + coalesce(ended.available, 0)
            )::bigint
    END AS available,
    CASE
        WHEN idle.over_at <= %(at)s THEN 0
        ELSE
            (
                coalesce(account.pending, 0) - coalesce(due.pending, 0) - coalesce(ripe.points, 0)
            )::bigint
    END AS pending,
    (coalesce(account.held, 0) - coalesce(ended.points, 0))::bigint AS held,
    (coalesce(account.deficit, 0) - coalesce(ended.paid, 0))::bigint AS deficit,
    CASE
        WHEN standing.stages != ''
            THEN (
                SELECT stage.pair ->> 0
                FROM
                    jsonb_array_elements(standing.stages::jsonb)
                    WITH ORDINALITY AS stage (pair, seq)
                WHERE
                    stage.pair ->> 1 IS NULL
                    OR (stage.pair ->> 1)::timestamptz > %(at)s
                ORDER BY stage.seq
                LIMIT 1
            )
        ELSE coalesce(standing.tier, '')
    END AS tier
FROM member
INNER JOIN unit ON member.programme_id = unit.programme_id
LEFT JOIN external_id ON member.id = external_id.member_id
LEFT JOIN account
    ON
        member.programme_id = account.programme_id
        AND member.id = account.member_id
        AND unit.id = account.unit_id
LEFT JOIN idle ON account.id = idle.account_id
LEFT JOIN due ON account.id = due.account_id
LEFT JOIN ripe ON account.id = ripe.account_id
LEFT JOIN ended ON account.id = ended.account_id
LEFT JOIN standing
    ON
        member.programme_id = standing.programme_id
        AND member.id = standing.id
WHERE member.programme_id = %(programme_id)s
ORDER BY
    coalesce(external_id.member, member.id::text) COLLATE "C",
    unit.code COLLATE "C",
    member.id
