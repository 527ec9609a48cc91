-- The addresses of an account's contacts, the primary one first, each with its access to this account and the moment of its
-- first sign-in. An address without access has switches that are off and access_version 0.
SELECT e.contact_email_id, e.contact_id, e.email, e.label, e.holder_name, e.holder_relation, e.is_primary, e.custom_field_id,
       e.version AS email_version, e.has_password, coalesce(a.version, 0) AS access_version,
       coalesce(a.login, FALSE) AS login, coalesce(a.email_sync, FALSE) AS email_sync, coalesce(a.notify, FALSE) AS notify,
       coalesce(a.signatory, FALSE) AS signatory, a.login_since, a.email_sync_since, a.notify_since, a.signatory_since,
       a.first_login_at, a.suspended_at
FROM account_contact l
JOIN contact_email e ON e.contact_id = l.contact_id
LEFT JOIN email_access a ON a.account_id = l.account_id AND a.contact_email_id = e.contact_email_id
WHERE l.account_id = $account_id
ORDER BY e.is_primary DESC, e.contact_email_id
