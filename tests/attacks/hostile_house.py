"""A firm whose every text is hostile, served by the entry that notes which input was drawn by which call."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyotp

from core.access.one_time_links import INVITATION, make_link
from core.base.config import read_settings
from core.base.rights import Viewer
from core.clients.custom_fields import TYPES, WITH_OPTIONS, define_field
from core.identity.members import set_password
from core.identity.password_change import make_reset_link
from core.identity.second_factor import new_secret, set_second_factor, set_sign_in_rules
from core.identity.sessions import start_session
from core.identity.team import invite_member
from core.operations.installation import open_installation
from core.store import close_store, now, writer
from tests.attacks.canary_firm import SYSTEM, fill
from tests.attacks.hostile import STORED
from tests.attacks.inputs import call_at, calls
from tests.servers import Server, free_port
from tests.small_firm import PASSWORD, Firm, build_firm

MANY_CLIENTS, MANY_MEMBERS = 12, 9


class House(NamedTuple):
    """Rows a form is about, and the links and sessions that lead in."""

    firm: Firm
    token: str
    portal: str
    reset: str
    join: str
    invitation: str
    invited: int
    orphan: int
    own_document: int
    tag: int
    choice: int
    clients: list[int]
    rows: dict[str, int]
    run: int


def build_hostile() -> House:
    """The small firm, every text of its account hostile; enough members and clients that lists get their search."""
    firm = build_firm()
    owner = firm.viewer("owner")
    for member in ("owner", "everything"):
        set_password(SYSTEM, getattr(firm, member), PASSWORD)
    fields = {
        f"{scope} {kind}": define_field(
            owner,
            scope=scope,
            label=f"{kind} {scope}",
            type=kind,
            options=["A", "B"] if kind in WITH_OPTIONS else [],
            group="",
            required=False,
        )
        for scope in ("account", "contact")
        for kind in TYPES
    }
    with writer(SYSTEM) as tx:
        ids = {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address, "staff_member_id": firm.owner}
        pipeline = tx.insert("pipeline", name=STORED)
        stage = tx.insert("stage", pipeline_id=pipeline, name=STORED, position=1)
        rows = fill(tx, "x", ids | {"pipeline_id": pipeline, "stage_id": stage}, STORED)
        tx.update("contact_email", firm.address, label=STORED, holder_name=STORED, holder_relation=STORED)
        tx.update("staff_member", firm.assigned, name=STORED)
        tag = tx.insert("tag", name=STORED)
        tx.insert("account_tag", account_id=firm.own, tag_id=tag)
        field = tx.insert("custom_field", scope="account", key="uebel", label=STORED, type="text", field_group=STORED)
        tx.insert("account_field_value", account_id=firm.own, custom_field_id=field, value=STORED)
        tx.insert("saved_view", staff_member_id=firm.owner, name=STORED, is_shared=True, definition="{}", created_at=now())
        tx.insert("saved_query", staff_member_id=firm.owner, name=STORED, is_shared=True, text=STORED, created_at=now())
        tx.update("firm", tx.value("SELECT firm_id FROM firm"), name=STORED)
        document = tx.insert(
            "document", account_id=firm.own, name=STORED[:200], uploaded_at=now(), is_from_client=False, staff_member_id=firm.owner, file="eigenes.txt",
            media_type="text/plain",
        )  # fmt: skip
        orphan = tx.insert("contact_email", email="ohne@kontakt.example", created_at=now())
        tx.insert("email_access", account_id=firm.own, contact_id=firm.contact, contact_email_id=orphan, login=True, suspended_at=now())
        clients = [
            tx.insert("account", number=f"7{place}", name=f"{place} {STORED[:40]}", created_at=now()) for place in range(MANY_CLIENTS)
        ]
        for client in clients:
            tx.insert("assignment", account_id=client, staff_member_id=firm.assigned, created_at=now())
        for place in range(MANY_MEMBERS):
            tx.insert("staff_member", name=f"{place} {STORED[:40]}", email=f"n{place}@kanzlei.example", role="employee", created_at=now())
        invitation = make_link(tx, INVITATION, Viewer.contact(firm.address))
        run = tx.insert("import_run", mapping=STORED[:80], started_at=now(), finished_at=now(), counts="{}", compared_at=0, made_at=now())
        tx.insert(
            "import_job", mapping=STORED[:80], mapping_text="", files="", needs="import_data", state="done", made_at=now(), ended_at=now(),
            import_run_id=run, staff_member_id=firm.owner,
        )  # fmt: skip
    secret = new_secret()
    set_second_factor(Viewer.staff(firm.everything), secret, pyotp.TOTP(secret).now())
    # The assigned one needs a second factor and has none: its set-up stands behind the password.
    set_password(SYSTEM, firm.unassigned, PASSWORD)
    invited, join = invite_member(owner, name=STORED[:100], email="neu@kanzlei.example")
    set_sign_in_rules(SYSTEM, roles=("admin",))
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.unassigned, role="admin")
    return House(
        firm, start_session(firm.owner, "127.0.0.1", STORED[:100]), start_session(Viewer.contact(firm.address), "127.0.0.1", "x"),
        make_reset_link(SYSTEM, firm.assigned), join, invitation, invited, orphan, document, tag, fields["account choice"], clients, rows, run,
    )  # fmt: skip


def openings(house) -> dict[str, tuple[str, dict]]:
    """Every form: the page it stands over, and what it is about."""
    own, firm = house.house, house.firm
    contact, email = {"contact_id": firm.contact}, {"contact_id": firm.contact, "contact_email_id": firm.address}
    orphan, member, assigned = {"contact_email_id": own.orphan}, {"member": firm.everything}, {"member": firm.assigned}
    document, tag, invited = {"document_id": own.own_document}, {"tag_id": own.tag}, {"member": own.invited}
    listed = (
        ("info", {}, "details archive restore delete contact_create contact_link photo photo_remove"),
        ("info", contact, "contact_edit relation_edit contact_unlink"),
        ("info", email, "email_add email_change email_remove invite"),
        ("info", orphan, "orphan_delete orphan_switch_off orphan_give"),
        ("info", email | {"switch": "notify", "value": True}, "access"),
        ("overview", {}, "note task time_entry document"),
        ("overview", document, "document_edit document_withdraw"),
        ("team", {}, "member_invite"),
        ("team", member, "member member_deactivate member_reactivate member_reset_link member_reset_factor member_forget_provider"),
        ("team", invited, "member_withdraw member_invite_again"),
        ("team", assigned | {"ids": own.clients[:2]}, "assign unassign"),
        ("settings", tag, "tag tag_delete"),
        ("settings", {"scope": "account", "custom_field_id": own.choice}, "field"),
        ("settings", {}, "starter firm firm_logo opening_hours"),
        ("profile", {}, "factor factor_codes factor_off"),
        ("accounts", {}, "new_account"),
        ("imports", {"row_id": own.run}, "import_back"),
        ("accounts", {"ids": own.clients}, "many many_archive many_restore many_access"),
    )
    return {name: (page, about) for page, about, names in listed for name in names.split()}


class NotingServer(Server):
    """The app behind ``noting_app.py``; ``met(classes)`` says which calls drew the inputs of these classes."""

    def __init__(self, data: Path, port: int | None = None, blind: bool = False) -> None:
        self.notes, self.blind = data.parent / "inputs", blind
        super().__init__(data, port=port)

    def command(self) -> tuple[list[str], dict[str, str]]:
        entry = ["streamlit", "run", "tests/attacks/input_recorder.py", "--server.port", str(self.port), "--server.address", "127.0.0.1"]
        return ["-m", *entry], os.environ | {"KUNDENBLICK_DATA": str(self.data), "NOTED_INPUTS": str(self.notes)} | (
            {"BLIND_GUARD": "1"} if self.blind else {}
        )

    def met(self, classes: set[str]) -> set[str]:
        known, found = calls(), set()
        for line in self.notes.read_text("utf-8").splitlines():
            key, _, place = line.rpartition("\t")
            if f"st-key-{re.sub('[^a-zA-Z0-9_-]', '-', key.strip())}" in classes and (call := call_at(place, known)):
                found.add(call)
        return found


def run_hostile(data: Path, also: Callable[[House], object] = lambda _: None, blind: bool = False) -> NotingServer:
    """The hostile firm, with an address of its own and a mail server nobody answers at; ``house`` says what is in it.

    ``also`` writes more into it before the server starts and is kept as ``more``.
    """
    port = free_port()
    settings = {
        "public_url": f"http://127.0.0.1:{port}", "smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none",
        "smtp_sender": "kanzlei@kanzlei.example",
    }  # fmt: skip
    data.mkdir(parents=True)
    (data / "kundenblick.toml").write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items()), "utf-8")
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    house = build_hostile()
    more = also(house)
    close_store()
    running = NotingServer(data, port, blind)
    running.house, running.firm, running.more, running.settings = house, house.firm, more, read_settings({"KUNDENBLICK_DATA": str(data)})
    return running
