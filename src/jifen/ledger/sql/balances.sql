-- A member's accounts as they stand at a time: lots whose time has come no longer count, ripe ones
-- are available. Holds that have ended are released, one after the other: lots that lived at a
-- hold's end pay a deficit, and lots that live now have the rest.
-- Locks nothing. Indexes: account_once; lot_account; hold_account, draw_down_order.
-- Whoever has nothing pending and nothing held is not asked for either.
-- Where nothing ends without a notice, a lot ends at what was told (ends_at), if anything was; so
-- does an account that was not used (over_at), in which nothing counts then.
SELECT
    unit.code,
    CASE
        WHEN idle.over_at <= %(at)s THEN 0
        ELSE
            (
                account.available
                - coalesce(due.available, 0)
                + coalesce(ripe.points, 0)
                + coalesce(ended.available, 0)
            )::bigint
    END AS available,
    CASE
        WHEN idle.over_at <= %(at)s THEN 0
        ELSE (account.pending - coalesce(due.pending, 0) - coalesce(ripe.points, 0))::bigint
    END AS pending,
    (account.held - coalesce(ended.points, 0))::bigint AS held,
    (account.deficit - coalesce(ended.paid, 0))::bigint AS deficit
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
LEFT JOIN lot_notice AS idle_told
    ON
        idle_told.programme_id = %(programme_id)s
        AND account.id = idle_told.account_id
        AND account.idle_at = idle_told.expires_at
LEFT JOIN LATERAL (
    SELECT
        CASE
            WHEN unit.guarded_from < account.idle_at THEN idle_told.until
            ELSE account.idle_at
        END AS over_at
) AS idle ON TRUE
LEFT JOIN LATERAL (
    SELECT
        sum(lot.remaining) FILTER (WHERE NOT lot.is_pending) AS available,
        sum(lot.remaining) FILTER (WHERE lot.is_pending) AS pending
    FROM lot
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND lot.account_id = told.account_id
            AND lot.expires_at = told.expires_at
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id = account.id
        AND lot.expires_at <= %(at)s
        AND CASE
            WHEN unit.guarded_from < lot.expires_at THEN told.until
            ELSE lot.expires_at
        END <= %(at)s
) AS due ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(lot.remaining) AS points
    FROM lot
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND lot.account_id = told.account_id
            AND lot.expires_at = told.expires_at
    WHERE
        account.pending > 0
        AND lot.programme_id = %(programme_id)s
        AND lot.account_id = account.id
        AND lot.is_pending
        AND lot.ripens_at <= %(at)s
        AND coalesce(
            CASE
                WHEN unit.guarded_from < lot.expires_at THEN told.until
                ELSE lot.expires_at
            END > %(at)s,
            TRUE
        )
) AS ripe ON TRUE
LEFT JOIN LATERAL (
    SELECT
        sum(part.points) AS points,
        sum(part.paid) AS paid,
        sum(part.points - part.paid) FILTER (WHERE part.is_living) AS available
    FROM (
        SELECT
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
        FROM (
            SELECT
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
                    draw_down.programme_id = %(programme_id)s
                    AND hold.id = draw_down.posting_id
            INNER JOIN posting AS opening
                ON
                    opening.programme_id = %(programme_id)s
                    AND draw_down.lot_id = opening.id
            LEFT JOIN LATERAL (
                SELECT max(posting.expires_at) AS until
                FROM draw_down AS back
                INNER JOIN posting
                    ON
                        posting.programme_id = %(programme_id)s
                        AND back.posting_id = posting.id
                WHERE
                    back.programme_id = %(programme_id)s
                    AND back.lot_id = opening.id
                    AND posting.kind = 'give_back'
            ) AS grace ON TRUE
            LEFT JOIN lot_notice AS told
                ON
                    told.programme_id = %(programme_id)s
                    AND told.account_id = account.id
                    AND told.expires_at = coalesce(grace.until, opening.expires_at)
            LEFT JOIN LATERAL (
                SELECT
                    CASE
                        WHEN unit.guarded_from < coalesce(grace.until, opening.expires_at)
                            THEN told.until
                        ELSE coalesce(grace.until, opening.expires_at)
                    END AS ends_at
            ) AS lasts ON TRUE
            WHERE
                account.held > 0
                AND hold.programme_id = %(programme_id)s
                AND hold.account_id = account.id
                AND hold.expires_at <= %(at)s
            WINDOW line AS (PARTITION BY hold.id ORDER BY draw_down.rank ASC)
        ) AS slice
        WHERE slice.points > 0
        WINDOW ends AS (ORDER BY slice.ended_at ASC, slice.seq ASC, slice.rank DESC)
    ) AS part
) AS ended ON TRUE
WHERE account.programme_id = %(programme_id)s AND account.member_id = %(member_id)s
ORDER BY unit.id
