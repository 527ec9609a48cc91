-- When a client was last heard of, and how long they are usually silent (core/activity/habit.py): on 98 of 100 days of the last two years
-- shorter than usual_days; at most longest_days. NULL where no habit can be told. Figures are computed anew when the store is opened.
ALTER TABLE data.account_figure ADD COLUMN last_client_at TIMESTAMP;
DELETE FROM data.account_figure;
CREATE TABLE data.account_habit (
    account_id BIGINT NOT NULL, usual_days INTEGER, longest_days INTEGER, active_days INTEGER NOT NULL, made_on DATE NOT NULL);
