-- What a viewer sees: a view of the same name for each table in kundenblick.data. Created in memory at every opening, so that the file
-- holds no access rule older than the code. `reader(viewer)` sets the variables; without them every view is empty. A reader cannot read
-- a table without a view.

-- The firm, its team, tags and fields: for all team members
CREATE VIEW firm AS FROM kundenblick.data.firm WHERE getvariable('viewer_kind') IN ('staff', 'contact', 'system');
CREATE VIEW staff_member AS SELECT * EXCLUDE (password_hash) FROM kundenblick.data.staff_member
    WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW staff_right AS FROM kundenblick.data.staff_right WHERE getvariable('viewer_kind') IN ('staff', 'system');
-- Members with a second factor; the secret is read only by the check itself, in a writer.
CREATE VIEW second_factor AS SELECT staff_member_id, created_at FROM kundenblick.data.second_factor
    WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW tag AS FROM kundenblick.data.tag WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW pipeline AS FROM kundenblick.data.pipeline WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW stage AS FROM kundenblick.data.stage WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW custom_field AS FROM kundenblick.data.custom_field WHERE getvariable('viewer_kind') IN ('staff', 'system');

-- The viewer's own rows
CREATE VIEW session AS SELECT * EXCLUDE (token_hash) FROM kundenblick.data.session
    WHERE getvariable('viewer_kind') = 'system' OR (getvariable('viewer_kind') = 'staff' AND staff_member_id = getvariable('viewer_id'));
CREATE VIEW recovery_code AS SELECT * EXCLUDE (code_hash) FROM kundenblick.data.recovery_code
    WHERE getvariable('viewer_kind') = 'staff' AND staff_member_id = getvariable('viewer_id');
CREATE VIEW saved_view AS FROM kundenblick.data.saved_view
    WHERE getvariable('viewer_kind') = 'staff' AND (is_shared OR staff_member_id = getvariable('viewer_id'));
-- A cohort tells who is in it: without the rights its definition needs it is as if it were not there, for its owner too.
CREATE VIEW cohort AS FROM kundenblick.data.cohort
    WHERE getvariable('viewer_kind') = 'staff' AND (is_shared OR staff_member_id = getvariable('viewer_id'))
      AND (getvariable('sees_invoices') OR NOT contains(needed_rights, 'see_invoices'))
      AND (getvariable('sees_all_time') OR NOT contains(needed_rights, 'see_all_time'))
      AND (getvariable('sees_rates') OR NOT contains(needed_rights, 'see_rates'))
      AND (getvariable('sees_audit') OR NOT contains(needed_rights, 'view_audit'));
CREATE VIEW saved_query AS FROM kundenblick.data.saved_query
    WHERE getvariable('viewer_kind') = 'staff' AND (is_shared OR staff_member_id = getvariable('viewer_id'));

-- Accounts: all, or the assigned ones
CREATE VIEW visible_account AS SELECT account_id FROM kundenblick.data.assignment WHERE staff_member_id = getvariable('viewer_id')
    AND getvariable('viewer_kind') = 'staff';
CREATE VIEW account AS FROM kundenblick.data.account
    WHERE getvariable('sees_all') OR account_id IN (FROM visible_account);
CREATE VIEW photo AS FROM kundenblick.data.photo
    WHERE getvariable('sees_all') OR account_id IN (FROM visible_account);
CREATE VIEW recent_account AS FROM kundenblick.data.recent_account
    WHERE getvariable('viewer_kind') = 'staff' AND staff_member_id = getvariable('viewer_id')
      AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
CREATE VIEW account_figure AS
    SELECT * REPLACE (CASE WHEN getvariable('sees_invoices') THEN open_amount END AS open_amount,
                      CASE WHEN getvariable('sees_invoices') THEN net_due END AS net_due,
                      CASE WHEN getvariable('sees_invoices') THEN invoice_dues END AS invoice_dues,
                      CASE WHEN getvariable('sees_all_time') THEN unbilled_minutes END AS unbilled_minutes,
                      CASE WHEN getvariable('sees_all_time') AND getvariable('sees_rates') THEN unbilled_amount END AS unbilled_amount)
    FROM kundenblick.data.account_figure WHERE getvariable('sees_all') OR account_id IN (FROM visible_account);
-- A card whose rows a right limits is hidden as a whole without that right; then its rows are read from the tables.
CREATE VIEW overview_card AS FROM kundenblick.data.overview_card
    WHERE getvariable('viewer_kind') IN ('staff', 'system') AND (getvariable('sees_all') OR account_id IN (FROM visible_account))
      AND (getvariable('sees_invoices') OR widget NOT IN ('unpaid_invoices', 'turn_invoices'))
      AND ((getvariable('sees_all_time') AND getvariable('sees_rates')) OR widget <> 'time_entries');

CREATE VIEW cohort_account AS FROM kundenblick.data.cohort_account
    WHERE cohort_id IN (SELECT cohort_id FROM cohort) AND (getvariable('sees_all') OR account_id IN (FROM visible_account));

-- Contacts: of accounts the viewer sees; contacts without an account only for viewers who see all
CREATE VIEW visible_contact AS SELECT contact_id FROM kundenblick.data.account_contact WHERE account_id IN (FROM visible_account);
CREATE VIEW contact AS FROM kundenblick.data.contact WHERE getvariable('sees_all') OR contact_id IN (FROM visible_contact);
CREATE VIEW search_contact AS FROM kundenblick.data.search_contact
    WHERE getvariable('sees_all') OR contact_id IN (FROM visible_contact);
CREATE VIEW contact_email AS SELECT * EXCLUDE (password_hash), password_hash IS NOT NULL AS has_password FROM kundenblick.data.contact_email
    WHERE getvariable('sees_all') OR contact_id IN (FROM visible_contact)
       OR (contact_id IS NULL AND contact_email_id IN (
            SELECT contact_email_id FROM kundenblick.data.email_access WHERE account_id IN (FROM visible_account)));
CREATE VIEW contact_field_value AS FROM kundenblick.data.contact_field_value
    WHERE getvariable('sees_all') OR contact_id IN (FROM visible_contact);

-- Money and time: by right, on top of the account
CREATE VIEW invoice AS FROM kundenblick.data.invoice
    WHERE getvariable('sees_invoices') AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
CREATE VIEW invoice_line AS FROM kundenblick.data.invoice_line
    WHERE getvariable('sees_invoices') AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
CREATE VIEW payment AS FROM kundenblick.data.payment
    WHERE getvariable('sees_invoices') AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
CREATE VIEW credit AS FROM kundenblick.data.credit
    WHERE getvariable('sees_invoices') AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
CREATE VIEW time_entry AS
    SELECT * REPLACE (CASE WHEN getvariable('sees_rates') THEN rate END AS rate,
                      CASE WHEN getvariable('sees_rates') THEN amount END AS amount)
    FROM kundenblick.data.time_entry
    WHERE (getvariable('sees_all_time') OR staff_member_id = getvariable('viewer_id'))
      AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
-- What was set aside of the ledger; of an invoice it says the amount.
CREATE VIEW turn_set_aside AS FROM kundenblick.data.turn_set_aside
    WHERE (getvariable('sees_invoices') OR kind <> 'invoice') AND (getvariable('sees_all') OR account_id IN (FROM visible_account));
-- The record: all of it with the right, else that of the viewer's clients. Values only where the viewer may see the field itself.
CREATE VIEW audit_entry AS
    SELECT * EXCLUDE (salt, is_shown) REPLACE (CASE WHEN is_shown THEN old_value END AS old_value, CASE WHEN is_shown THEN new_value END AS new_value),
           old_value IS NULL AND old_digest IS NOT NULL AS old_erased, new_value IS NULL AND new_digest IS NOT NULL AS new_erased,
           NOT is_shown AS is_withheld
    FROM (SELECT *, (getvariable('sees_all') OR account_id IN (FROM visible_account)
                     OR (account_id IS NULL AND (contact_id IS NULL OR contact_id IN (FROM visible_contact))))
                    AND (getvariable('sees_invoices') OR entity NOT IN ('invoice', 'invoice_line', 'payment', 'credit'))
                    AND ((getvariable('sees_all_time') AND getvariable('sees_rates')) OR entity <> 'time_entry')
                    -- A saved view, query or cohort names clients and belongs to its owner, also for viewers who may read the whole record.
                    AND (entity NOT IN ('saved_view', 'saved_query', 'cohort') OR getvariable('viewer_kind') = 'system'
                         OR (actor_kind = 'staff' AND actor_id = getvariable('viewer_id'))) AS is_shown
          FROM kundenblick.data.audit_entry)
    WHERE getvariable('sees_audit') OR account_id IN (FROM visible_account) OR (account_id IS NULL AND contact_id IN (FROM visible_contact))
       OR (getvariable('sees_all') AND (account_id IS NOT NULL OR contact_id IS NOT NULL));
-- Addresses that may sign in at this moment, and for which account; for the system only.
CREATE VIEW live_login AS SELECT a.contact_email_id, a.account_id, a.contact_id, a.first_login_at FROM kundenblick.data.email_access a
    JOIN kundenblick.data.account k ON k.account_id = a.account_id
    WHERE getvariable('viewer_kind') = 'system' AND a.login AND a.suspended_at IS NULL AND k.archived_at IS NULL;
CREATE VIEW known_browser AS FROM kundenblick.data.known_browser WHERE getvariable('viewer_kind') = 'system';
CREATE VIEW provider_person AS FROM kundenblick.data.provider_person WHERE getvariable('viewer_kind') = 'system';
CREATE VIEW live_session AS FROM kundenblick.data.session WHERE getvariable('viewer_kind') = 'system';
CREATE VIEW credential AS
    SELECT 'staff' AS kind, staff_member_id AS id, email, password_hash, is_active FROM kundenblick.data.staff_member
    WHERE getvariable('viewer_kind') = 'system'
    UNION ALL
    SELECT 'contact', e.contact_email_id, e.email, e.password_hash, EXISTS (FROM live_login l WHERE l.contact_email_id = e.contact_email_id)
    FROM kundenblick.data.contact_email e WHERE getvariable('viewer_kind') = 'system' AND e.password_hash IS NOT NULL;
CREATE VIEW one_time_link AS FROM kundenblick.data.one_time_link WHERE getvariable('viewer_kind') = 'system';

-- For a reader of one account, names mean the tables themselves, except these, which depend on more than the account.
CREATE SCHEMA let_in;
-- A contact named in a row of the account is shown there, also when it is no longer linked to the account.
CREATE VIEW let_in.contact AS SELECT contact_id, name FROM kundenblick.data.contact WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW let_in.contact_email AS SELECT contact_email_id, holder_name FROM kundenblick.data.contact_email
    WHERE getvariable('viewer_kind') IN ('staff', 'system');
CREATE VIEW let_in.staff_member AS FROM memory.main.staff_member;
CREATE VIEW let_in.invoice AS FROM kundenblick.data.invoice WHERE getvariable('sees_invoices');
CREATE VIEW let_in.credit AS FROM kundenblick.data.credit WHERE getvariable('sees_invoices');
CREATE VIEW let_in.time_entry AS
    SELECT * REPLACE (CASE WHEN getvariable('sees_rates') THEN rate END AS rate,
                      CASE WHEN getvariable('sees_rates') THEN amount END AS amount)
    FROM kundenblick.data.time_entry WHERE getvariable('sees_all_time') OR staff_member_id = getvariable('viewer_id');
CREATE VIEW let_in.turn_set_aside AS FROM kundenblick.data.turn_set_aside WHERE getvariable('sees_invoices') OR kind <> 'invoice';
CREATE VIEW let_in.overview_card AS FROM kundenblick.data.overview_card
    WHERE getvariable('viewer_kind') IN ('staff', 'system') AND (getvariable('sees_invoices') OR widget NOT IN ('unpaid_invoices', 'turn_invoices'))
      AND ((getvariable('sees_all_time') AND getvariable('sees_rates')) OR widget <> 'time_entries');

-- A client's contact: the accounts whose login is on, and their photos.
CREATE SCHEMA for_contact;
CREATE VIEW for_contact.account AS FROM kundenblick.data.account
    WHERE getvariable('viewer_kind') = 'contact' AND archived_at IS NULL AND account_id IN (
        SELECT account_id FROM kundenblick.data.email_access
        WHERE contact_email_id = getvariable('viewer_id') AND login AND suspended_at IS NULL);
CREATE VIEW for_contact.photo AS FROM kundenblick.data.photo WHERE account_id IN (SELECT account_id FROM memory.for_contact.account);

-- For viewers who see all accounts: the same without the condition which; `view_statements` adds the other tables.
CREATE SCHEMA for_all;
CREATE VIEW for_all.account AS FROM kundenblick.data.account WHERE getvariable('sees_all');
CREATE VIEW for_all.photo AS FROM kundenblick.data.photo WHERE getvariable('sees_all');
CREATE VIEW for_all.account_figure AS
    SELECT * REPLACE (CASE WHEN getvariable('sees_invoices') THEN open_amount END AS open_amount,
                      CASE WHEN getvariable('sees_invoices') THEN net_due END AS net_due,
                      CASE WHEN getvariable('sees_invoices') THEN invoice_dues END AS invoice_dues,
                      CASE WHEN getvariable('sees_all_time') THEN unbilled_minutes END AS unbilled_minutes,
                      CASE WHEN getvariable('sees_all_time') AND getvariable('sees_rates') THEN unbilled_amount END AS unbilled_amount)
    FROM kundenblick.data.account_figure WHERE getvariable('sees_all');
CREATE VIEW for_all.turn_set_aside AS FROM kundenblick.data.turn_set_aside
    WHERE (getvariable('sees_invoices') OR kind <> 'invoice') AND getvariable('sees_all');
CREATE VIEW for_all.contact AS FROM kundenblick.data.contact WHERE getvariable('sees_all');
CREATE VIEW for_all.contact_email AS SELECT * EXCLUDE (password_hash), password_hash IS NOT NULL AS has_password
    FROM kundenblick.data.contact_email WHERE getvariable('sees_all');
CREATE VIEW for_all.contact_field_value AS FROM kundenblick.data.contact_field_value WHERE getvariable('sees_all');
