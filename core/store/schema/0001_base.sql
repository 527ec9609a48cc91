-- The whole record of a firm. Money is DECIMAL(14,2) in the firm's one currency, moments are TIMESTAMP in UTC
-- (…_at), days are DATE (…_on). Ids come from one sequence and are never used again. References are kept by the
-- write verbs and checked by `doctor`; tables of one account's rows are kept sorted by account_id (`tidy`).

CREATE SEQUENCE data.object_id START 1001;

-- The firm and its people -----------------------------------------------------------------------------------
CREATE TABLE data.firm (
    firm_id BIGINT NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL DEFAULT 'EUR',
    time_zone TEXT NOT NULL DEFAULT 'Europe/Berlin', is_sample BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.staff_member (
    staff_member_id BIGINT NOT NULL, name TEXT NOT NULL, email TEXT, role TEXT NOT NULL DEFAULT 'employee',
    language TEXT, is_active BOOLEAN NOT NULL DEFAULT TRUE, password_hash TEXT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.staff_right (staff_member_id BIGINT NOT NULL, right_key TEXT NOT NULL);
CREATE TABLE data.session (
    session_id BIGINT NOT NULL, token_hash TEXT NOT NULL, staff_member_id BIGINT, contact_email_id BIGINT,
    created_at TIMESTAMP NOT NULL, last_used_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
    network_address TEXT, user_agent TEXT);
CREATE TABLE data.one_time_link (
    one_time_link_id BIGINT NOT NULL, token_hash TEXT NOT NULL, purpose TEXT NOT NULL, staff_member_id BIGINT,
    contact_email_id BIGINT, created_at TIMESTAMP NOT NULL, expires_at TIMESTAMP NOT NULL, used_at TIMESTAMP);
CREATE TABLE data.recent_account (
    staff_member_id BIGINT NOT NULL, account_id BIGINT NOT NULL, opened_at TIMESTAMP NOT NULL);
CREATE TABLE data.saved_view (
    saved_view_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, is_shared BOOLEAN NOT NULL DEFAULT FALSE,
    name TEXT NOT NULL, definition TEXT NOT NULL, created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);

-- Accounts ----------------------------------------------------------------------------------------------------
CREATE TABLE data.account (
    account_id BIGINT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL DEFAULT 'person',
    state TEXT NOT NULL DEFAULT 'offline', archived_at TIMESTAMP, photo_id BIGINT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.photo (
    photo_id BIGINT NOT NULL, account_id BIGINT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL);
CREATE TABLE data.tag (
    tag_id BIGINT NOT NULL, name TEXT NOT NULL, color TEXT NOT NULL DEFAULT 'gray', version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.account_tag (account_id BIGINT NOT NULL, tag_id BIGINT NOT NULL);
CREATE TABLE data.assignment (account_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);
-- What the client list shows of an account, kept in the same transaction as the rows it sums up.
CREATE TABLE data.account_figure (
    account_id BIGINT NOT NULL, open_amount DECIMAL(14,2) NOT NULL, net_due DECIMAL(14,2) NOT NULL,
    unread_count INTEGER NOT NULL, last_login_at TIMESTAMP, last_activity_at TIMESTAMP);
-- Folded words of names, numbers and addresses (core/clients/search.py), sorted by word.
CREATE TABLE data.search_word (word TEXT NOT NULL, account_id BIGINT NOT NULL, rank UTINYINT NOT NULL);
CREATE TABLE data.search_text (account_id BIGINT NOT NULL, name TEXT NOT NULL, everything TEXT NOT NULL);

-- Contacts ----------------------------------------------------------------------------------------------------
CREATE TABLE data.contact (
    contact_id BIGINT NOT NULL, name TEXT NOT NULL, salutation TEXT, first_name TEXT, last_name TEXT, company TEXT,
    phone TEXT, mobile TEXT, street TEXT, postcode TEXT, city TEXT, region TEXT, country TEXT, born_on DATE, language TEXT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.account_contact (
    account_id BIGINT NOT NULL, contact_id BIGINT NOT NULL, relation TEXT, created_at TIMESTAMP NOT NULL);
CREATE TABLE data.contact_email (
    contact_email_id BIGINT NOT NULL, contact_id BIGINT, email TEXT NOT NULL, label TEXT, holder_name TEXT,
    holder_relation TEXT, is_primary BOOLEAN NOT NULL DEFAULT FALSE, custom_field_id BIGINT, password_hash TEXT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.email_access (
    account_id BIGINT NOT NULL, contact_id BIGINT NOT NULL, contact_email_id BIGINT NOT NULL,
    login BOOLEAN NOT NULL DEFAULT FALSE, email_sync BOOLEAN NOT NULL DEFAULT FALSE,
    notify BOOLEAN NOT NULL DEFAULT FALSE, signatory BOOLEAN NOT NULL DEFAULT FALSE,
    login_since TIMESTAMP, email_sync_since TIMESTAMP, notify_since TIMESTAMP, signatory_since TIMESTAMP,
    first_login_at TIMESTAMP, suspended_at TIMESTAMP, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.custom_field (
    custom_field_id BIGINT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, label TEXT NOT NULL, type TEXT NOT NULL,
    options TEXT, field_group TEXT, position INTEGER NOT NULL DEFAULT 0, is_required BOOLEAN NOT NULL DEFAULT FALSE,
    retired_at TIMESTAMP, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.account_field_value (account_id BIGINT NOT NULL, custom_field_id BIGINT NOT NULL, value TEXT NOT NULL);
CREATE TABLE data.contact_field_value (contact_id BIGINT NOT NULL, custom_field_id BIGINT NOT NULL, value TEXT NOT NULL);

-- What the Overview shows ---------------------------------------------------------------------------------------
CREATE TABLE data.document (
    document_id BIGINT NOT NULL, account_id BIGINT NOT NULL, name TEXT NOT NULL, uploaded_at TIMESTAMP NOT NULL,
    is_from_client BOOLEAN NOT NULL, staff_member_id BIGINT, contact_id BIGINT, is_shared BOOLEAN NOT NULL DEFAULT FALSE,
    status TEXT NOT NULL DEFAULT 'none', seen_at TIMESTAMP, seen_by BIGINT, file TEXT, media_type TEXT,
    size_bytes BIGINT, sha256 TEXT, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.task (
    task_id BIGINT NOT NULL, account_id BIGINT NOT NULL, title TEXT NOT NULL, due_on DATE,
    priority TEXT NOT NULL DEFAULT 'normal', status TEXT NOT NULL DEFAULT 'planned', job_id BIGINT,
    created_at TIMESTAMP NOT NULL, completed_at TIMESTAMP, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.task_assignee (account_id BIGINT NOT NULL, task_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL);
CREATE TABLE data.email (
    email_id BIGINT NOT NULL, account_id BIGINT NOT NULL, subject TEXT NOT NULL, from_address TEXT NOT NULL,
    to_address TEXT NOT NULL, sent_at TIMESTAMP NOT NULL, direction TEXT NOT NULL, is_read BOOLEAN NOT NULL DEFAULT FALSE,
    has_failed BOOLEAN NOT NULL DEFAULT FALSE, thread TEXT, body TEXT, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.pipeline (
    pipeline_id BIGINT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.stage (
    stage_id BIGINT NOT NULL, pipeline_id BIGINT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.job (
    job_id BIGINT NOT NULL, account_id BIGINT NOT NULL, name TEXT NOT NULL, pipeline_id BIGINT NOT NULL,
    stage_id BIGINT NOT NULL, status TEXT NOT NULL DEFAULT 'active', created_at TIMESTAMP NOT NULL,
    stage_since_at TIMESTAMP NOT NULL, due_on DATE, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.chat (
    chat_id BIGINT NOT NULL, account_id BIGINT NOT NULL, subject TEXT NOT NULL, is_closed BOOLEAN NOT NULL DEFAULT FALSE,
    read_at TIMESTAMP, created_at TIMESTAMP NOT NULL, last_message_at TIMESTAMP NOT NULL, last_message TEXT NOT NULL,
    last_is_from_client BOOLEAN NOT NULL, last_by_name TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.chat_message (
    chat_message_id BIGINT NOT NULL, account_id BIGINT NOT NULL, chat_id BIGINT NOT NULL, sent_at TIMESTAMP NOT NULL,
    is_from_client BOOLEAN NOT NULL, staff_member_id BIGINT, contact_id BIGINT, text TEXT NOT NULL);
CREATE TABLE data.invoice (
    invoice_id BIGINT NOT NULL, account_id BIGINT NOT NULL, number TEXT NOT NULL, issued_on DATE NOT NULL,
    due_on DATE NOT NULL, total DECIMAL(14,2) NOT NULL, paid_amount DECIMAL(14,2) NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'unpaid', created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.invoice_line (
    invoice_line_id BIGINT NOT NULL, account_id BIGINT NOT NULL, invoice_id BIGINT NOT NULL, position INTEGER NOT NULL,
    text TEXT NOT NULL, quantity DECIMAL(14,4) NOT NULL, unit_price DECIMAL(14,4) NOT NULL, amount DECIMAL(14,4) NOT NULL);
CREATE TABLE data.payment (
    payment_id BIGINT NOT NULL, account_id BIGINT NOT NULL, invoice_id BIGINT NOT NULL, paid_on DATE NOT NULL,
    amount DECIMAL(14,2) NOT NULL, method TEXT, reference TEXT, created_at TIMESTAMP NOT NULL);
CREATE TABLE data.credit (
    credit_id BIGINT NOT NULL, account_id BIGINT NOT NULL, booked_on DATE NOT NULL, amount DECIMAL(14,2) NOT NULL,
    text TEXT, created_at TIMESTAMP NOT NULL);
CREATE TABLE data.approval (
    approval_id BIGINT NOT NULL, account_id BIGINT NOT NULL, document_id BIGINT, document_name TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL, status TEXT NOT NULL DEFAULT 'pending', reason TEXT, decided_at TIMESTAMP,
    decided_by BIGINT, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.signature (
    signature_id BIGINT NOT NULL, account_id BIGINT NOT NULL, document_id BIGINT, document_name TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL, needs TEXT NOT NULL DEFAULT 'all', status TEXT NOT NULL DEFAULT 'pending',
    version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.contract (
    contract_id BIGINT NOT NULL, account_id BIGINT NOT NULL, name TEXT NOT NULL, sent_at TIMESTAMP NOT NULL,
    needs TEXT NOT NULL DEFAULT 'all', status TEXT NOT NULL DEFAULT 'pending', version INTEGER NOT NULL DEFAULT 1);
-- Who was asked to sign: fixed at sending. Exactly one of signature_id and contract_id is set.
CREATE TABLE data.signatory (
    account_id BIGINT NOT NULL, signature_id BIGINT, contract_id BIGINT, contact_id BIGINT NOT NULL,
    contact_email_id BIGINT NOT NULL, signed_at TIMESTAMP);
CREATE TABLE data.organizer (
    organizer_id BIGINT NOT NULL, account_id BIGINT NOT NULL, name TEXT NOT NULL, sent_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL, question_count INTEGER NOT NULL, answered_count INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'pending', archived_at TIMESTAMP, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.login (
    login_id BIGINT NOT NULL, account_id BIGINT NOT NULL, contact_id BIGINT, contact_email_id BIGINT, email TEXT NOT NULL,
    tried_at TIMESTAMP NOT NULL, network_address TEXT, device TEXT, outcome TEXT NOT NULL);
CREATE TABLE data.note (
    note_id BIGINT NOT NULL, account_id BIGINT NOT NULL, text TEXT NOT NULL, staff_member_id BIGINT NOT NULL,
    saved_at TIMESTAMP NOT NULL, is_pinned BOOLEAN NOT NULL DEFAULT FALSE, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.time_entry (
    time_entry_id BIGINT NOT NULL, account_id BIGINT NOT NULL, worked_on DATE NOT NULL, staff_member_id BIGINT NOT NULL,
    job_id BIGINT, text TEXT, minutes INTEGER NOT NULL, rate DECIMAL(10,2), amount DECIMAL(14,2),
    invoice_id BIGINT, is_billed BOOLEAN NOT NULL DEFAULT FALSE, created_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL DEFAULT 1);

-- The record of changes: append-only, one row per created or deleted record and per changed field. `hash` chains
-- sha256(previous_hash, what stands in the row, digests); a value is only in the digests, salted, so that it can be
-- erased with its salt and the chain still holds. Rows of one batch are chained together by its last row.
CREATE TABLE data.audit_entry (
    audit_entry_id BIGINT NOT NULL, made_at TIMESTAMP NOT NULL, actor_kind TEXT NOT NULL, actor_id BIGINT,
    through TEXT NOT NULL, action TEXT NOT NULL, entity TEXT NOT NULL, entity_id BIGINT, account_id BIGINT,
    contact_id BIGINT, field TEXT, old_value TEXT, new_value TEXT, salt TEXT, old_digest TEXT, new_digest TEXT,
    batch_id BIGINT, previous_hash TEXT, hash TEXT);
-- What an import brought in under which key, so that running it again changes nothing.
CREATE TABLE data.import_run (
    import_run_id BIGINT NOT NULL, mapping TEXT NOT NULL, started_at TIMESTAMP NOT NULL, finished_at TIMESTAMP,
    staff_member_id BIGINT, counts TEXT);
CREATE TABLE data.import_key (
    mapping TEXT NOT NULL, table_name TEXT NOT NULL, source_key TEXT NOT NULL, object_id BIGINT NOT NULL);
