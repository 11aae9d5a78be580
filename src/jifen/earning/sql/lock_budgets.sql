-- Lock the budgets that this batch may use, and read them.
-- Locks: budget rows in code order, always after the members. Index: primary key.
SELECT
    budget,
    used
FROM budget_usage
WHERE programme_id = %(programme_id)s AND budget = any(%(budgets)s::text [])
ORDER BY budget
FOR UPDATE
