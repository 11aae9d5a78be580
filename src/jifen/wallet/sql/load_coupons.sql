-- Coupons by code or by id. Locks nothing: previews read so.
-- Indexes: coupon_code_once, primary key.
SELECT
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
FROM coupon
WHERE
    programme_id = %(programme_id)s
    AND (code = any(%(codes)s::text []) OR id = any(%(ids)s::uuid []))
