-- Take the next events for a reader: those whose time has come, and of each key only the first that
-- is still waiting. Taken ones are anybody's again at %(until)s.
-- Locks: their rows, passing over what another worker takes at this moment.
-- Indexes: outbox_delivery_next, outbox_delivery_order; primary keys.
WITH ready AS (
    SELECT ready_one.event_id
    FROM outbox_delivery AS ready_one
    WHERE
        ready_one.programme_id = %(programme_id)s
        AND ready_one.reader = %(reader)s
        AND ready_one.state = 'waiting'
        AND ready_one.next_at <= %(at)s
        AND NOT EXISTS (
            SELECT 1
            FROM outbox_delivery AS earlier
            WHERE
                earlier.programme_id = %(programme_id)s
                AND earlier.reader = %(reader)s
                AND earlier.key = ready_one.key
                AND earlier.state = 'waiting'
                AND earlier.event_id < ready_one.event_id
        )
    ORDER BY ready_one.next_at ASC, ready_one.event_id ASC
    LIMIT %(limit)s
    FOR UPDATE OF ready_one SKIP LOCKED
),

taken AS (
    UPDATE outbox_delivery
    SET
        claim = %(claim)s,
        next_at = %(until)s,
        tries = outbox_delivery.tries + 1
    FROM ready
    WHERE
        outbox_delivery.programme_id = %(programme_id)s
        AND outbox_delivery.reader = %(reader)s
        AND outbox_delivery.event_id = ready.event_id
    RETURNING outbox_delivery.event_id, outbox_delivery.tries
)

SELECT
    outbox.id,
    outbox.topic,
    outbox.key,
    outbox.payload,
    taken.tries
FROM outbox
INNER JOIN taken ON outbox.id = taken.event_id
WHERE outbox.programme_id = %(programme_id)s
ORDER BY outbox.id
