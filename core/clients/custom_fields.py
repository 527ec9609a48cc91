"""Define the firm's own fields of accounts and contacts, and read and write their values."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal

from core.access.verbs import require_staff, verb
from core.base.errors import EditConflict, InvalidValue, NotFound, Problem, ValidationFailed
from core.base.fields import TYPES, Field, as_stored, clean_text, clean_value, from_stored
from core.base.rights import Right, Viewer
from core.base.text_folding import folds, words
from core.i18n import speaking, t
from core.i18n.formats import day, number
from core.store import Reader, Row, Tx, now, reader

SCOPES = ("account", "contact")
# Per scope the table of the values and its column of the owner's id.
VALUES = {"account": ("account_field_value", "account_id"), "contact": ("contact_field_value", "contact_id")}
# Types whose definition lists the options to choose from.
WITH_OPTIONS = ("choice", "choices")
# Types whose values can identify a client, and the fields of the starter set that do.
SEARCHABLE = ("text", "number", "phone", "email", "link", "iban", "vat_id")
SEARCHED = frozenset({"mandantennummer", "steuernummer", "steuer_idnr", "ust_idnr", "iban"})
# The starter set of a German firm: key, label, type, group, options. The labels are terms of German law and stay German.
STARTER = (
    ("mandantennummer", "Mandantennummer", "text", "Kanzlei", ()),
    ("steuernummer", "Steuernummer", "text", "Steuern", ()),
    ("steuer_idnr", "Steuer-IdNr.", "text", "Steuern", ()),
    ("ust_idnr", "USt-IdNr.", "vat_id", "Steuern", ()),
    ("rechtsform", "Rechtsform", "choice", "Unternehmen", (
        "Einzelunternehmen", "Freiberuflich", "GbR", "OHG", "KG", "GmbH & Co. KG", "GmbH", "gGmbH", "UG (haftungsbeschränkt)", "AG", "eG",
        "e. K.", "PartG mbB", "e. V.", "Stiftung", "Erbengemeinschaft", "WEG",
    )),
    ("finanzamt", "Finanzamt", "text", "Steuern", ()),
    ("wirtschaftsjahr_beginn", "Wirtschaftsjahr-Beginn", "date", "Unternehmen", ()),
    ("kontenrahmen", "Kontenrahmen", "choice", "Unternehmen", ("SKR03", "SKR04", "SKR42", "SKR49")),
    ("iban", "IBAN", "iban", "Zahlung", ()),
)  # fmt: skip


def key_of(custom_field_id: int) -> str:
    """Return the key of a custom field in a form."""
    return f"field:{custom_field_id}"


def id_of(key: str) -> int | None:
    """Return the id of the custom field that a form's key names; None for any other key."""
    number = key.removeprefix("field:")
    return int(number) if number != key and number.isascii() and number.isdecimal() and len(number) < 19 else None


def custom_id(field: Field) -> int:
    """Return the id of a custom field as ``as_fields`` makes it."""
    return int(field.key.removeprefix("field:"))


def stored_values(values: Mapping[str, object]) -> dict[int, str | None]:
    """Return {custom_field_id: stored text} of the custom fields among a form's cleaned values."""
    return {number: as_stored(value) for key, value in values.items() if (number := id_of(key)) is not None}


def definitions(r: Reader, scope: str, *, retired: bool = False) -> list[Row]:
    """Return the rows of custom_field of a scope in the firm's order, ``options`` as a tuple; with ``retired`` those too."""
    rows = r.rows("SELECT * FROM custom_field WHERE scope = $scope ORDER BY position, custom_field_id", scope=scope)
    kept = [row for row in rows if retired or row["retired_at"] is None]
    return [row | {"options": tuple(json.loads(row["options"])) if row["options"] else ()} for row in kept]


def as_fields(r: Reader, scope: str) -> list[Field]:
    """Return the fields of a scope as a form asks for them, retired ones left out."""
    rows = definitions(r, scope)
    members: frozenset[int] = frozenset()
    if any(row["type"] == "staff_member" for row in rows):
        members = frozenset(row["staff_member_id"] for row in r.rows("SELECT staff_member_id FROM staff_member WHERE is_active"))
    return [_as_field(row, members) for row in rows]


def _as_field(row: Row, members: frozenset[int] = frozenset()) -> Field:
    return Field(
        key_of(row["custom_field_id"]), row["type"], row["label"], row["is_required"], row["options"], row["field_group"] or "",
        members=members,
    )  # fmt: skip


def values_of(r: Reader, scope: str, owner_id: int) -> dict[int, str]:
    """Return {custom_field_id: stored text} of an account or a contact, retired fields included."""
    table, owner = VALUES[scope]
    found = r.rows(f"SELECT custom_field_id, value FROM {table} WHERE {owner} = $owner", owner=owner_id)
    return {row["custom_field_id"]: row["value"] for row in found}


def write_values(tx: Tx, scope: str, owner_id: int, values: Mapping[int, str | None]) -> bool:
    """Store these texts by custom_field_id (None removes the value); True when one of them changed."""
    table, owner = VALUES[scope]
    before, changed = values_of(tx, scope, owner_id), False
    for custom_field_id, value in values.items():
        key = {owner: owner_id, "custom_field_id": custom_field_id}
        if value == before.get(custom_field_id):
            continue
        changed = True
        if value is None:
            tx.delete(table, key)
        elif custom_field_id in before:
            tx.update(table, key, value=value)
        else:
            tx.insert(table, **key, value=value)
    return changed


@dataclass(frozen=True)
class Effect:
    """What a changed definition does to the stored values: how many read as before, how many are rewritten, how many are lost.

    ``rewritten_examples`` are (before, after), ``lost_examples`` values, as they are stored and only of owners the viewer may see.
    ``changes`` holds every new text by the owner's id, None for a lost one.
    """

    kept: int = 0
    rewritten: int = 0
    lost: int = 0
    rewritten_examples: tuple[tuple[str, str], ...] = ()
    lost_examples: tuple[str, ...] = ()
    changes: Mapping[int, str | None] = dataclass_field(default_factory=dict)


def field_effect(viewer: Viewer, custom_field_id: int, type_: str, options: Iterable[str], language: str | None = None) -> Effect:
    """Return what ``change_field`` with this type and these options would do to all values. Raises NotAllowed, NotFound."""
    with reader(viewer) as r:
        r.require(Right.MANAGE_CUSTOM_FIELDS)
        row = r.row("SELECT * FROM custom_field WHERE custom_field_id = $id", id=custom_field_id)
        if row is None:
            raise NotFound()
        table, owner = VALUES[row["scope"]]
        seen = {found["id"] for found in r.rows(f"SELECT {owner} AS id FROM {table} WHERE custom_field_id = $id", id=custom_field_id)}
    with reader(Viewer.system("effect of a changed field")) as r:
        return _effect(r, row, type_, tuple(options), language, seen)


def _effect(r: Reader, row: Row, type_: str, options: tuple[str, ...], language: str | None, seen: Container[int] = frozenset()) -> Effect:
    """Return the effect on the field of ``row``; examples only of the owners in ``seen``."""
    table, owner = VALUES[row["scope"]]
    names = {m["staff_member_id"]: m["name"] for m in r.rows("SELECT staff_member_id, name FROM staff_member")}
    wanted = Field("", type_, options=options, members=frozenset(names))
    kept = rewritten = lost = 0
    changed: list[tuple[str, str]] = []
    gone: list[str] = []
    changes: dict[int, str | None] = {}
    for found in r.rows(
        f"SELECT {owner} AS owner_id, value FROM {table} WHERE custom_field_id = $id ORDER BY 1", id=row["custom_field_id"]
    ):
        old = found["value"]
        new = _converted(wanted, row["type"], old, language, names)
        shown = found["owner_id"] in seen
        if new != old:
            changes[found["owner_id"]] = new
        if new is not None and _words_of(type_, new, language, names) == _words_of(row["type"], old, language, names):
            kept += 1
            continue
        if new is None:
            lost += 1
            gone += [old] if shown and len(gone) < 3 and old not in gone else []
        else:
            rewritten += 1
            changed += [(old, new)] if shown and len(changed) < 3 and (old, new) not in changed else []
    return Effect(kept, rewritten, lost, tuple(changed), tuple(gone), changes)


def _converted(wanted: Field, type_: str, text: str, language: str | None, names: Mapping[int, str]) -> str | None:
    """Return a stored text of one type as the wanted field stores it; None where it says nothing there."""
    value = from_stored(type_, text)
    if wanted.type in ("text", "long_text"):
        value = _in_words(type_, value, language, names)
    elif wanted.type == "staff_member" and type_ != "staff_member":
        value = next((member for member, name in names.items() if name == text), "?")
    elif type_ == "staff_member" and wanted.type != "staff_member":
        return None  # An id of the store, which says nothing as another type.
    elif wanted.type == "choices" and type_ == "choice":
        value = [value]
    elif wanted.type == "choice" and isinstance(value, tuple):
        value = value[0] if len(value) == 1 else None
    elif wanted.type == "choices" and isinstance(value, tuple):
        value = [part for part in value if part in wanted.options]
    try:
        return as_stored(clean_value(wanted, value, language if isinstance(value, str) else None))
    except InvalidValue:
        return None


def _words_of(type_: str, text: str, language: str | None, names: Mapping[int, str]) -> object:
    return _in_words(type_, from_stored(type_, text), language, names)


def _in_words(type_: str, value: object, language: str | None, names: Mapping[int, str]) -> object:
    """Return a value as people read it in a language; without one as it is stored."""
    if isinstance(value, dict):
        place = " ".join(filter(None, (value.get("postcode"), value.get("city"))))
        return ", ".join(filter(None, (value.get("street"), place, value.get("region"), value.get("country"))))
    if isinstance(value, tuple):
        return ", ".join(value)
    if type_ == "staff_member":
        return names.get(value, value) if isinstance(value, int) else value
    if language is None or isinstance(value, str):
        return as_stored(value)
    with speaking(language):
        if isinstance(value, bool):
            return t("common.yes") if value else t("common.no")
        if isinstance(value, date):
            return day(value)
        return number(value, 2 if type_ == "money" else 0) if isinstance(value, Decimal | int) else as_stored(value)


def _clean_definition(tx: Tx, scope: str, label: str, type_: str, options: Iterable[str], group: str, but: int | None = None) -> Row:
    """Return the columns of a definition; ``but`` is the field that may have the label already. Raises ValidationFailed."""
    problems: dict[str, Problem] = {}
    values: Row = {"type": type_}
    try:
        values["label"] = clean_text(label, 80)
        if not values["label"]:
            raise InvalidValue("field_label")
    except InvalidValue as bad:
        problems["label"] = bad.problem
    try:
        values["field_group"] = clean_text(group, 80) or None
    except InvalidValue as bad:
        problems["group"] = bad.problem
    taken = "SELECT 1 FROM custom_field WHERE scope = $scope AND lower(label) = lower($label) AND custom_field_id IS DISTINCT FROM $but"
    if "label" in values and tx.value(taken, scope=scope, label=values["label"], but=but):
        problems["label"] = ("field_label_in_use", {})
    if scope not in SCOPES or type_ not in TYPES:
        problems["type"] = ("choice_unknown", {})
    cleaned: list[str] = []
    try:
        cleaned = list(dict.fromkeys(filter(None, (clean_text(option, 120) for option in options))))
    except InvalidValue as bad:
        problems["options"] = bad.problem
    if type_ in WITH_OPTIONS and not cleaned and "options" not in problems:
        problems["options"] = ("field_options", {})
    values["options"] = json.dumps(cleaned, ensure_ascii=False) if type_ in WITH_OPTIONS else None
    if problems:
        raise ValidationFailed(problems)
    return values


def _new_key(tx: Tx, scope: str, label: str) -> str:
    """Return a free key for a label, by which imports name the field."""
    base = "_".join(words(folds(label)[0]))[:60] or "feld"
    taken = {row["key"] for row in tx.rows("SELECT key FROM custom_field WHERE scope = $scope", scope=scope)}
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 10_000))) if key not in taken)


def _next_position(tx: Tx, scope: str) -> int:
    return 1 + (tx.value("SELECT max(position) FROM custom_field WHERE scope = $scope", scope=scope) or 0)


@verb("custom_field.define")
def define_field(
    tx: Tx, _viewer: Viewer, *, scope: str, label: str, type: str, options: Iterable[str] = (), group: str = "", required: bool = False,
    searched: bool = False,
) -> int:  # fmt: skip
    """Add a field at the end of its scope and return its id; with ``searched`` the search finds clients by it.

    Raises NotAllowed, ValidationFailed.
    """
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    values = _clean_definition(tx, scope, label, type, options, group)
    key = _new_key(tx, scope, values["label"])
    return tx.insert(
        "custom_field", scope=scope, key=key, position=_next_position(tx, scope), is_required=bool(required),
        is_searched=bool(searched) and type in SEARCHABLE, **values,
    )  # fmt: skip


@verb("custom_field.change")
def change_field(
    tx: Tx, _viewer: Viewer, custom_field_id: int, version: int, *, label: str, type: str, options: Iterable[str] = (), group: str = "",
    required: bool = False, expected_lost: int = 0, language: str | None = None, searched: bool | None = None,
) -> None:  # fmt: skip
    """Change a definition; values are rewritten to the new type, and removed where that cannot be.

    Texts are read and made as ``language`` writes numbers and days (None: as they are stored).

    Raises EditConflict when the definition changed since ``version`` or more values than ``expected_lost`` would be lost, NotAllowed,
    NotFound, ValidationFailed.
    """
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    row = tx.found("custom_field", custom_field_id)
    options = tuple(options)
    values = _clean_definition(tx, row["scope"], label, type, options, group, but=custom_field_id)
    linked = row["scope"] == "contact" and "email" in (row["type"], type) and row["type"] != type
    if linked and (row["type"] != "email" or tx.value("SELECT 1 FROM contact_email WHERE custom_field_id = $id", id=custom_field_id)):
        raise ValidationFailed({"type": ("field_email_fixed", {})})
    effect = _effect(tx, row, type, tuple(json.loads(values["options"])) if values["options"] else (), language)
    if effect.lost > expected_lost:
        raise EditConflict({"values": (None, effect.lost)})
    is_searched = bool(row["is_searched"] if searched is None else searched) and type in SEARCHABLE
    tx.update("custom_field", custom_field_id, version, is_required=bool(required), is_searched=is_searched, **values)
    table, owner = VALUES[row["scope"]]
    for owner_id, value in effect.changes.items():
        key = {owner: owner_id, "custom_field_id": custom_field_id}
        tx.delete(table, key) if value is None else tx.update(table, key, value=value)


@verb("custom_field.retire")
def retire_field(tx: Tx, _viewer: Viewer, custom_field_id: int) -> None:
    """Take a field out of the forms; its values stay and come back with it. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    tx.update("custom_field", custom_field_id, retired_at=now())


@verb("custom_field.restore")
def restore_field(tx: Tx, _viewer: Viewer, custom_field_id: int) -> None:
    """Put a retired field back into the forms, with the values it had. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    tx.update("custom_field", custom_field_id, retired_at=None)


@verb("custom_field.order")
def order_fields(tx: Tx, _viewer: Viewer, scope: str, custom_field_ids: list[int]) -> None:
    """Put the fields of a scope into this order; those not named follow in the order they had. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    known = [row["custom_field_id"] for row in definitions(tx, scope, retired=True)]
    if not set(custom_field_ids) <= set(known):
        raise NotFound()
    for position, custom_field_id in enumerate([*custom_field_ids, *(i for i in known if i not in custom_field_ids)], start=1):
        tx.update("custom_field", custom_field_id, position=position)


def starter_left(viewer: Viewer) -> list[tuple[str, str, str]]:
    """Return (key, label, type) of the starter fields that the firm has neither by key nor by label. Raises NotAllowed for a contact."""
    with reader(viewer) as r:
        require_staff(r.viewer)
        has = {(row["key"], row["label"].lower()) for row in definitions(r, "account", retired=True)}
    keys, labels = {key for key, _ in has}, {label for _, label in has}
    return [(key, label, type_) for key, label, type_, _, _ in STARTER if key not in keys and label.lower() not in labels]


@verb("custom_field.add_starter_set")
def add_starter_fields(tx: Tx, _viewer: Viewer, keys: Iterable[str]) -> int:
    """Define those fields of the German starter set that the firm does not have yet; returns how many. Raises NotAllowed."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    wanted, added = set(keys), 0
    for key, label, type_, group, options in STARTER:
        taken = tx.value(
            "SELECT 1 FROM custom_field WHERE scope = 'account' AND (key = $key OR lower(label) = lower($label))", key=key, label=label
        )
        if key not in wanted or taken:
            continue
        tx.insert(
            "custom_field", scope="account", key=key, label=label, type=type_, field_group=group, position=_next_position(tx, "account"),
            options=json.dumps(options, ensure_ascii=False) if options else None, is_searched=key in SEARCHED,
        )  # fmt: skip
        added += 1
    return added
