-- Write the use of locked budgets. Index: primary key.
UPDATE budget_usage
SET used = t.used
FROM unnest(%(budgets)s::text [], %(useds)s::bigint []) AS t (budget, used)
WHERE budget_usage.programme_id = %(programme_id)s AND budget_usage.budget = t.budget
