-- Make sure that each budget has its row. Locks nothing that is there already.
INSERT INTO budget_usage (programme_id, budget, used)
SELECT
    %(programme_id)s,
    t.budget,
    0
FROM unnest(%(budgets)s::text []) AS t (budget)
ON CONFLICT (programme_id, budget) DO NOTHING
