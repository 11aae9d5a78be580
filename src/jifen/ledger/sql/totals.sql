-- Guarantee 1, term by term: the sum of all postings by unit and movement.
-- Locks nothing; reads every posting.
SELECT
    unit.code,
    posting.kind,
    sum(posting.amount)::bigint AS amount
FROM posting
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND posting.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
WHERE posting.programme_id = %(programme_id)s
GROUP BY unit.code, posting.kind
ORDER BY unit.code, posting.kind
