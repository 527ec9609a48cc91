-- Names of some accounts, how many documents their clients see, and how many papers wait for a signature.
SELECT k.account_id, k.name,
       (SELECT count(*) FROM document d WHERE d.account_id = k.account_id AND (d.is_from_client OR d.is_shared)) AS documents,
       (SELECT count(*) FROM signature s WHERE s.account_id = k.account_id AND s.status IN ('pending', 'partially_signed'))
       + (SELECT count(*) FROM contract o WHERE o.account_id = k.account_id AND o.status IN ('pending', 'partially_signed')) AS to_sign
FROM account k
WHERE k.account_id IN (SELECT unnest($ids))
