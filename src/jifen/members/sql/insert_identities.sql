-- Write identities, in the order given, which is the same for everybody: two batches with the
-- same people wait for each other and never in a ring. One that is another member's meanwhile is
-- left out, which the caller sees by the count.
-- Index: identity_belongs_to_one_member (programme_id, kind, value).
INSERT INTO identity (programme_id, id, member_id, kind, value)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(ids)s::uuid [],
        %(members)s::uuid [],
        %(kinds)s::text [],
        %(texts)s::text []
    ) AS t
ON CONFLICT DO NOTHING
