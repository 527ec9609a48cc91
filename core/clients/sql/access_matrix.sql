-- Every visible pair of address and account, also without access, with what is odd about it: a login without notifications,
-- an account where something waits for a signature and no address may sign, an address of a member of the firm, no sign-in for
-- a year, an address without a contact. The odd ones come first.
WITH place AS (
    SELECT l.account_id, e.contact_email_id FROM account_contact l JOIN contact_email e ON e.contact_id = l.contact_id
    UNION ALL
    SELECT a.account_id, a.contact_email_id FROM email_access a JOIN contact_email e ON e.contact_email_id = a.contact_email_id
    WHERE e.contact_id IS NULL
), access AS (
    SELECT k.account_id, k.number, k.name AS account, k.state, e.contact_email_id, e.email, c.name AS contact, e.holder_name,
           e.contact_id IS NULL AS is_orphan, coalesce(a.login, FALSE) AS login, coalesce(a.email_sync, FALSE) AS email_sync,
           coalesce(a.notify, FALSE) AS notify, coalesce(a.signatory, FALSE) AS signatory, a.suspended_at, a.first_login_at, a.login_since
    FROM place p
    JOIN account k ON k.account_id = p.account_id
    JOIN contact_email e ON e.contact_email_id = p.contact_email_id
    LEFT JOIN contact c ON c.contact_id = e.contact_id
    LEFT JOIN email_access a ON a.account_id = p.account_id AND a.contact_email_id = p.contact_email_id
    WHERE k.archived_at IS NULL
), last_login AS (
    SELECT account_id, contact_email_id, max(tried_at) AS last_login_at FROM login WHERE outcome = 'success'
    GROUP BY account_id, contact_email_id
), unsigned AS (
    SELECT account_id FROM signature WHERE status IN ('pending', 'partially_signed')
    UNION SELECT account_id FROM contract WHERE status IN ('pending', 'partially_signed')
), signs AS (
    SELECT DISTINCT account_id FROM email_access WHERE signatory AND suspended_at IS NULL
), odd AS (
    SELECT access.*, t.last_login_at,
           coalesce(login AND NOT notify AND suspended_at IS NULL, FALSE) AS login_without_notify,
           access.account_id IN (SELECT account_id FROM unsigned)
               AND access.account_id NOT IN (SELECT account_id FROM signs) AS nobody_signs,
           lower(access.email) IN (SELECT lower(email) FROM staff_member WHERE email IS NOT NULL) AS staff_address,
           coalesce(login AND suspended_at IS NULL AND first_login_at IS NOT NULL
                    AND coalesce(t.last_login_at, first_login_at) < $now - INTERVAL 365 DAY, FALSE) AS no_login_for_a_year
    FROM access LEFT JOIN last_login t ON t.account_id = access.account_id AND t.contact_email_id = access.contact_email_id
)
SELECT *, count(*) OVER () AS total
FROM odd
WHERE NOT $only_odd OR login_without_notify OR nobody_signs OR staff_address OR no_login_for_a_year OR is_orphan
ORDER BY (login_without_notify::INTEGER + nobody_signs::INTEGER + staff_address::INTEGER + no_login_for_a_year::INTEGER
          + is_orphan::INTEGER) DESC, account, email
LIMIT $at_most OFFSET $after
