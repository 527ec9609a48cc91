-- One contract.
SELECT contract_id, name, sent_at, needs, status
FROM contract
WHERE account_id = $account_id AND contract_id = $contract_id
