-- One questionnaire and how far it is answered.
SELECT organizer_id, name, sent_at, updated_at, question_count, answered_count, status, archived_at
FROM organizer
WHERE account_id = $account_id AND organizer_id = $organizer_id
