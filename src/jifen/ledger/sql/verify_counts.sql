-- How much was checked. Locks nothing.
SELECT
    (SELECT count(*) FROM posting WHERE programme_id = %(programme_id)s) AS postings,
    (SELECT count(*) FROM account WHERE programme_id = %(programme_id)s) AS accounts,
    (SELECT count(*) FROM lot WHERE programme_id = %(programme_id)s) AS lots,
    (SELECT count(*) FROM hold WHERE programme_id = %(programme_id)s) AS holds,
    (SELECT count(*) FROM draw_down WHERE programme_id = %(programme_id)s) AS draw_downs
