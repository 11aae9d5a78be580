-- Issue coupons, all of which must be new.
INSERT INTO coupon (
    programme_id,
    id,
    code,
    kind,
    rule_set_version,
    member_id,
    status,
    valid_from,
    valid_until,
    issued_by_id,
    holder_id,
    held_until
)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(ids)s::uuid [],
        %(codes)s::text [],
        %(kinds)s::text [],
        %(versions)s::int [],
        %(members)s::uuid [],
        %(statuses)s::text [],
        %(froms)s::timestamptz [],
        %(untils)s::timestamptz [],
        %(issuers)s::uuid [],
        %(holders)s::uuid [],
        %(held_untils)s::timestamptz []
    ) AS t
