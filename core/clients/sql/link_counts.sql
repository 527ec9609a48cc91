-- To how many accounts each contact of an account is linked; read as the system, so that invisible accounts count too.
SELECT m.contact_id, count(*) AS n
FROM account_contact l JOIN account_contact m ON m.contact_id = l.contact_id
WHERE l.account_id = $account_id
GROUP BY m.contact_id
