-- To how many accounts each contact of an account is linked; asked by the system, said as a number only.
SELECT m.contact_id, count(*) AS n
FROM account_contact l JOIN account_contact m ON m.contact_id = l.contact_id
WHERE l.account_id = $account_id
GROUP BY m.contact_id
