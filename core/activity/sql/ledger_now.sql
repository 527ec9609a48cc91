-- What waits now: the ledger without what was set aside.
SELECT v.* FROM {every} AS v WHERE v.aside_id IS NULL
