-- Append activities; one whose key, reference or once-key is there already is left out, which
-- the caller sees by the count. Indexes touched: all of activity's.
INSERT INTO activity (
    programme_id,
    id,
    kind,
    client_id,
    key,
    body_sha256,
    member_id,
    store_id,
    reference,
    of_id,
    once_key,
    rule_set_version,
    occurred_at,
    body,
    record,
    of_seq,
    booked_at
)
SELECT
    %(programme_id)s,
    t.id,
    t.kind,
    t.client_id,
    t.key,
    t.body_sha256,
    t.member_id,
    t.store_id,
    t.reference,
    t.of_id,
    t.once_key,
    t.rule_set_version,
    t.occurred_at,
    t.body,
    t.record,
    t.of_seq,
    %(booked_at)s
FROM
    unnest(
        %(ids)s::uuid [],
        %(kinds)s::text [],
        %(clients)s::uuid [],
        %(keys)s::text [],
        %(digests)s::bytea [],
        %(members)s::uuid [],
        %(stores)s::uuid [],
        %(refs)s::text [],
        %(of_ids)s::uuid [],
        %(onces)s::text [],
        %(versions)s::int [],
        %(occurred_ats)s::timestamptz [],
        %(bodies)s::text [],
        %(records)s::text [],
        %(of_seqs)s::int []
    ) AS t (
        id,
        kind,
        client_id,
        key,
        body_sha256,
        member_id,
        store_id,
        reference,
        of_id,
        once_key,
        rule_set_version,
        occurred_at,
        body,
        record,
        of_seq
    )
ON CONFLICT DO NOTHING
