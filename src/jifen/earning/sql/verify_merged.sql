-- Who is a part of somebody else has nothing and owes nothing: all of it is the survivor's. Locks
-- nothing; reads the merged members and their accounts. Index: member_merged_into.
SELECT
    account.id,
    0 AS expected,
    account.available + account.pending + account.held + account.deficit AS found
FROM member
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND member.id = account.member_id
WHERE
    member.programme_id = %(programme_id)s
    AND member.merged_into_id IS NOT NULL
    AND account.available + account.pending + account.held + account.deficit <> 0
ORDER BY account.id
LIMIT %(limit)s
