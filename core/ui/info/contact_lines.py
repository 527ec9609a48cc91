"""What *Info* says of a contact and of each of its addresses, as HTML: the name, facts in pairs, and the heads over the four switches."""

from __future__ import annotations

from core.access.contact_access import SWITCHES
from core.base.config import read_settings
from core.clients.contacts import Contact
from core.i18n import SPOKEN, t
from core.i18n.formats import day, local
from core.mail.smtp import can_send
from core.store import Row
from core.ui.info.contact_form import PLACE
from core.ui.info.details import field_text
from core.ui.parts.account_bar import dialled
from core.ui.parts.escape import esc

# What a pill says of a login that is not as usual, and its colour.
STATE_COLORS = {"pending": "orange", "suspended": "red"}


def access_head() -> str:
    """Return the heads over addresses and switches; each switch's head explains it, once for all addresses, under the pointer or on a tap.

    Where there is no room for heads, as on a phone, one line opens all explanations.
    """
    heads, lines = [], []
    for switch in SWITCHES:
        told = t(f"info.{switch}_help")
        if switch == "notify" and not can_send(read_settings()):
            told += f" {t('info.notify_no_mail')}"
        word = t("info.notify_head") if switch == "notify" else t(f"info.{switch}")
        heads.append(f'<span tabindex="0" title="{esc(told)}">{esc(word)}</span>')
        lines.append(f"<dt>{esc(t(f'info.{switch}'))}</dt><dd>{esc(told)}</dd>")
    return (
        f'<div class="kb-access-head"><span>{esc(t("info.email"))}</span>{"".join(heads)}<span></span></div>'
        f'<details class="kb-access-told"><summary>{esc(t("info.switches_told"))}</summary><dl>{"".join(lines)}</dl></details>'
    )


def contact_name(contact: Contact) -> str:
    """Return a contact's name, and beside it how one addresses it and what it is to the client."""
    beside = " · ".join(esc(part) for part in (contact.values["salutation"], contact.relation) if part)
    return f'<div class="kb-contact-name"><h3>{esc(contact.values["name"])}</h3><span>{beside}</span></div>'


def contact_facts(contact: Contact) -> str:
    """Return what is known of a contact, each beside its word; what is not known is not written."""
    values = contact.values
    by_key = {field.key: field for field in contact.fields}
    own = " ".join(str(values[key]) for key in ("first_name", "last_name") if values[key])
    company = values["company"] if values["company"] != values["name"] else None
    place = {key: values[key] for key in PLACE} if values["street"] or values["city"] else None
    pairs = [(t("info.full_name"), esc(own) if own and own not in str(values["name"]) else "")]
    for key in ("phone", "mobile"):
        number = field_text(by_key[key], values[key])
        pairs.append((t(f"info.{key}"), f'<a href="tel:{dialled(number)}">{esc(number)}</a>' if number else ""))
    pairs += [
        (t("info.address"), esc(field_text(by_key["country"].__class__("x", "address"), place))),
        (t("info.company"), esc(company or "")),
        (t("info.born_on"), esc(day(values["born_on"]) if values["born_on"] else "")),
        (t("info.language"), esc(SPOKEN.get(str(values["language"]), values["language"]) or "")),
    ]
    custom = [field for field in contact.fields if field.key.startswith("field:") and field.type != "email"]
    pairs += [(field.label, esc(field_text(field, values[field.key]))) for field in custom]
    said = "".join(f"<div><dt>{esc(name)}</dt><dd>{value}</dd></div>" for name, value in pairs if value)
    return f'<dl class="kb-pairs">{said}</dl>' if said else f'<p class="kb-line">{esc(t("info.no_details"))}</p>'


def state_of(email: Row, switch: str) -> str:
    """Return how a switch of an address stands: off, suspended, pending (never signed in) or active."""
    if not email[switch]:
        return "off"
    if email["suspended_at"]:
        return "suspended"
    return "pending" if switch == "login" and email["first_login_at"] is None else "active"


def email_html(email: str) -> str:
    """Return an address; where there is no room for it, it breaks after its @."""
    return f'<span class="kb-email" title="{esc(email)}">{esc(email).replace("@", "@<wbr>")}</span>'


def address_html(contact: Contact, email: Row) -> str:
    """Return an address with what is not as usual as pills, below it whose it is; since when its switches are on is its title."""
    pills = [(t("info.primary"), "gray")] if email["is_primary"] and len(contact.emails) > 1 else []
    state = next((found for found in (state_of(email, switch) for switch in SWITCHES) if found in STATE_COLORS), None)
    pills += [(t(f"info.state_{state}"), STATE_COLORS[state])] if state else []
    since = [(t(f"info.{switch}"), email[f"{switch}_since"]) for switch in SWITCHES if email[switch] and email[f"{switch}_since"]]
    told = "\n".join(f"{word}: {t('info.since', day=day(local(moment).date()))}" for word, moment in since)
    holder = " · ".join(filter(None, (email["holder_name"], email["holder_relation"])))
    below = ", ".join(filter(None, (email["label"], holder)))
    said = "".join(f' <span class="kb-pill kb-{color}">{esc(word)}</span>' for word, color in pills)
    return (
        f'<div class="kb-address" title="{esc(told)}"><p>{email_html(email["email"])}{said}</p>'
        + (f"<p>{esc(below)}</p>" if below else "")
        + "</div>"
    )
