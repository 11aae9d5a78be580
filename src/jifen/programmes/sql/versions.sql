-- Every published version without its document, the newest first: some dozens of rows, asked for
-- each batch.
-- Index: rule_set_version_once (programme_id, version).
SELECT
    rule_set.version,
    rule_set.published_at,
    rule_set.published_by,
    rule_set.starts_at
FROM rule_set
WHERE rule_set.programme_id = %(programme_id)s
ORDER BY rule_set.version DESC
