-- Append events, each with its way to its reader; an event with two readers comes twice.
-- Locks: nothing beyond the new rows.
WITH given AS (
    SELECT t.*
    FROM
        unnest(
            %(ids)s::uuid [],
            %(topics)s::text [],
            %(keys)s::uuid [],
            %(payloads)s::text [],
            %(readers)s::text []
        ) AS t (id, topic, order_key, payload, reader)
),

written AS (
    INSERT INTO outbox (programme_id, id, topic, key, payload, written_at)
    SELECT DISTINCT
        %(programme_id)s::uuid,
        given.id,
        given.topic,
        given.order_key,
        given.payload,
        %(at)s::timestamptz
    FROM given
)

INSERT INTO outbox_delivery (
    programme_id, event_id, reader, key, state, next_at, tries, reason
)
SELECT
    %(programme_id)s,
    given.id,
    given.reader,
    given.order_key,
    'waiting' AS state,
    %(at)s AS next_at,
    0 AS tries,
    '' AS reason
FROM given
