-- A credit note is paid when it was refunded, not before; and figures are kept that many large amounts come to. They are computed
-- anew when the installation is opened: what is open, and when something last happened, follow other rules now.
UPDATE data.invoice SET status = CASE WHEN paid_amount <= total THEN 'paid' WHEN paid_amount < 0 THEN 'partially_paid' ELSE 'unpaid' END
    WHERE total < 0 AND status NOT IN ('in_progress', 'scheduled');
DROP TABLE data.account_figure;
CREATE TABLE data.account_figure (
    account_id BIGINT NOT NULL, open_amount DECIMAL(18,2) NOT NULL, net_due DECIMAL(18,2) NOT NULL,
    unread_count INTEGER NOT NULL, last_login_at TIMESTAMP, last_activity_at TIMESTAMP);
