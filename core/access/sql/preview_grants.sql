-- What addresses may do for some accounts at this moment; archived accounts and suspended accesses grant nothing.
SELECT a.account_id, a.contact_email_id, e.email, coalesce(e.holder_name, c.name) AS who, a.login, a.email_sync, a.notify, a.signatory
FROM email_access a
JOIN account k ON k.account_id = a.account_id
JOIN contact_email e ON e.contact_email_id = a.contact_email_id
LEFT JOIN contact c ON c.contact_id = e.contact_id
WHERE a.account_id IN (SELECT unnest($ids)) AND a.suspended_at IS NULL AND k.archived_at IS NULL
ORDER BY who, e.email, a.account_id
