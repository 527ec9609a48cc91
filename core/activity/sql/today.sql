-- What waits on a member, in the cards of Heute: the first $rows rows of each card, and over all its rows how many there are.
-- Documents and mail are a row for each client, with the newest. A task is the member's by assignment, or when nobody has it in a client
-- of theirs; everything else by the client; with $of_everybody all the viewer sees. What is dormant is counted as a card of its own.
WITH mine AS (
    SELECT s.account_id FROM assignment s WHERE s.staff_member_id = $member_id
), item AS (
    SELECT w.kind, w.account_id, w.item_id, w.title, w.turn, w.since_at, w.due_on, w.amount, w.is_dormant,
           CASE WHEN w.kind = 'task' AND w.turn = 'us' AND w.due_on <= $soon THEN 'tasks'
                WHEN w.kind = 'chat' AND w.turn = 'us' THEN 'chats'
                WHEN w.kind = 'document' THEN 'documents'
                WHEN w.kind = 'email' THEN 'emails'
                WHEN w.kind IN ('approval', 'signature', 'contract') THEN 'signing'
                WHEN w.kind = 'organizer' AND w.turn = 'us' THEN 'organizers'
                WHEN w.kind = 'invoice' AND w.turn = 'client' AND w.due_on < $today THEN 'invoices' END AS would_be
    FROM {ledger} AS w
    WHERE $of_everybody
       OR CASE WHEN w.kind = 'task' THEN
                    w.item_id IN (SELECT a.task_id FROM task_assignee a WHERE a.staff_member_id = $member_id)
                    OR (w.account_id IN (SELECT m.account_id FROM mine m) AND w.item_id NOT IN (SELECT a.task_id FROM task_assignee a))
               ELSE w.account_id IN (SELECT m.account_id FROM mine m) OR w.owner_id = $member_id END
), carded AS (
    SELECT i.*, CASE WHEN i.is_dormant THEN 'dormant' ELSE i.would_be END AS card,
           CASE WHEN i.kind IN ('document', 'email') AND NOT i.is_dormant THEN i.account_id ELSE i.item_id END AS part
    FROM item i
    WHERE i.would_be IS NOT NULL
), parted AS (
    SELECT c.*, count(*) OVER (PARTITION BY c.card, c.kind, c.part) AS items,
           row_number() OVER (PARTITION BY c.card, c.kind, c.part ORDER BY c.since_at DESC, c.item_id DESC) AS newest
    FROM carded c
), placed AS (
    SELECT p.*, count(*) OVER (PARTITION BY p.card) AS card_rows, sum(p.items) OVER (PARTITION BY p.card) AS card_items,
           sum(CASE WHEN p.due_on < $today THEN 1 ELSE 0 END) OVER (PARTITION BY p.card) AS overdue,
           sum(CASE WHEN p.due_on = $today THEN 1 ELSE 0 END) OVER (PARTITION BY p.card) AS due_today,
           row_number() OVER (
               PARTITION BY p.card
               ORDER BY p.due_on NULLS LAST, CASE WHEN p.card IN ('chats', 'signing') THEN p.since_at END NULLS LAST,
                        p.since_at DESC NULLS LAST, p.item_id) AS place
    FROM parted p
    WHERE p.newest = 1
)
SELECT x.card, x.kind, x.account_id, a.name AS client, x.item_id, x.title, x.turn, x.since_at, x.due_on, x.amount,
       CAST(x.items AS INTEGER) AS items, CAST(x.card_rows AS INTEGER) AS card_rows, CAST(x.card_items AS INTEGER) AS card_items,
       CAST(x.overdue AS INTEGER) AS overdue, CAST(x.due_today AS INTEGER) AS due_today
FROM placed x
JOIN account a ON a.account_id = x.account_id
WHERE x.place <= CASE WHEN x.card = 'dormant' THEN 1 ELSE $rows END
ORDER BY x.card, x.place
