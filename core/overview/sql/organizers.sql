-- Questionnaires sent to the client, newest first; the card leaves archived ones out.
SELECT o.organizer_id, o.name, o.sent_at, o.updated_at, o.answered_count, o.question_count, o.status,
       o.status = 'pending' AS is_open, o.archived_at
FROM organizer o
WHERE o.account_id = $account_id
ORDER BY sent_at DESC, organizer_id DESC
