-- Enrol people: a row each, all of them new. Locks: nothing beyond the new rows.
INSERT INTO member (programme_id, id, name, birthday_on, store_id, status, enrolled_at)
SELECT
    %(programme_id)s,
    t.id,
    t.name,
    t.birthday_on,
    t.store_id,
    'active',
    %(enrolled_at)s
FROM
    unnest(
        %(ids)s::uuid [],
        %(names)s::text [],
        %(birthdays)s::date [],
        %(stores)s::uuid []
    ) AS t (id, name, birthday_on, store_id)
