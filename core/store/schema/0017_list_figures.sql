-- What a firm sorts its clients by: NEU, tasks, papers to sign, unbilled time; and the days on which invoices and tasks are due, so that
-- what is overdue is right on any day. The figures are computed anew when the installation is opened.
DROP TABLE data.account_figure;
CREATE TABLE data.account_figure (
    account_id BIGINT NOT NULL, open_amount DECIMAL(18,2) NOT NULL, net_due DECIMAL(18,2) NOT NULL,
    unread_count INTEGER NOT NULL, last_login_at TIMESTAMP, last_activity_at TIMESTAMP,
    new_count INTEGER NOT NULL, open_task_count INTEGER NOT NULL, to_sign_count INTEGER NOT NULL,
    unbilled_minutes BIGINT NOT NULL, unbilled_amount DECIMAL(18,2) NOT NULL,
    invoice_dues STRUCT(due_on DATE, amount DECIMAL(18,2))[], task_dues DATE[]);
