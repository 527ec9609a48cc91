"""Fields the firm defines itself, for accounts and for contacts: their definitions and their values."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.access.verbs import verb
from core.base.errors import EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.fields import TYPES, Field, InvalidValue, as_stored, clean_text, clean_value, from_stored
from core.base.rights import Right, Viewer
from core.base.text_folding import folds, words
from core.i18n import speaking, t
from core.i18n.formats import day, number
from core.store import Reader, Row, Tx, now, reader

SCOPES = ("account", "contact")
VALUES = {"account": ("account_field_value", "account_id"), "contact": ("contact_field_value", "contact_id")}
WITH_OPTIONS = ("choice", "choices")
# What a German firm begins with: key, label, type, group, options. The labels are terms of German law and stay German.
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
    """The key a custom field has in a form."""
    return f"field:{custom_field_id}"


def id_of(key: str) -> int | None:
    """The custom field a form's key stands for, or None."""
    number = key.removeprefix("field:")
    return int(number) if number != key and number.isascii() and number.isdecimal() and len(number) < 19 else None


def definitions(r: Reader, scope: str, *, retired: bool = False) -> list[Row]:
    """The firm's fields of a scope in their order; ``options`` as a tuple."""
    rows = r.rows("SELECT * FROM custom_field WHERE scope = $scope ORDER BY position, custom_field_id", scope=scope)
    kept = [row for row in rows if retired or row["retired_at"] is None]
    return [row | {"options": tuple(json.loads(row["options"])) if row["options"] else ()} for row in kept]


def as_fields(r: Reader, scope: str) -> list[Field]:
    """The fields of a scope as a form asks for them."""
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
    """The stored texts of one account's or contact's fields by custom_field_id, retired ones too."""
    table, owner = VALUES[scope]
    found = r.rows(f"SELECT custom_field_id, value FROM {table} WHERE {owner} = $owner", owner=owner_id)
    return {row["custom_field_id"]: row["value"] for row in found}


def write_values(tx: Tx, scope: str, owner_id: int, values: Mapping[int, str | None]) -> bool:
    """Keep these texts (None: no value any more); True when one of them changed."""
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
    """What a changed definition does to the values there are: how many read as before, are rewritten, are lost.

    Examples are values as they are stored, none that would be seen nowhere else.
    """

    kept: int = 0
    rewritten: int = 0
    lost: int = 0
    rewritten_examples: tuple[tuple[str, str], ...] = ()
    lost_examples: tuple[str, ...] = ()
    changes: Mapping[int, str | None] = field(default_factory=dict)


def field_effect(viewer: Viewer, custom_field_id: int, type_: str, options: Iterable[str], language: str | None = None) -> Effect:
    """What ``change_field`` with this type and these options would do to all values; nothing is changed. Raises NotAllowed, NotFound."""
    with reader(viewer) as r:
        r.require(Right.MANAGE_CUSTOM_FIELDS)
        row = r.row("SELECT * FROM custom_field WHERE custom_field_id = $id", id=custom_field_id)
        if row is None:
            raise NotFound()
        table, owner = VALUES[row["scope"]]
        seen = {one["id"] for one in r.rows(f"SELECT {owner} AS id FROM {table} WHERE custom_field_id = $id", id=custom_field_id)}
    with reader(Viewer.system("effect of a changed field")) as r:
        return _effect(r, row, type_, tuple(options), language, seen)


def _effect(r: Reader, row: Row, type_: str, options: tuple[str, ...], language: str | None, seen: Container[int] = frozenset()) -> Effect:
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
        if new is not None and _said(type_, new, language, names) == _said(row["type"], old, language, names):
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
    value = from_stored(type_, text)
    if wanted.type in ("text", "long_text"):
        value = _in_words(type_, value, language, names)
    elif wanted.type == "staff_member" and type_ != "staff_member":
        value = next((member for member, name in names.items() if name == text), "?")
    elif type_ == "staff_member" and wanted.type != "staff_member":
        return None  # a number in our books, which says nothing elsewhere
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


def _said(type_: str, text: str, language: str | None, names: Mapping[int, str]) -> object:
    return _in_words(type_, from_stored(type_, text), language, names)


def _in_words(type_: str, value: object, language: str | None, names: Mapping[int, str]) -> object:
    """A value as text that says the same to people; without a language as it is stored."""
    if isinstance(value, dict):
        place = " ".join(filter(None, (value.get("postcode"), value.get("city"))))
        return ", ".join(filter(None, (value.get("street"), place, value.get("region"), value.get("country"))))
    if isinstance(value, tuple):
        return ", ".join(value)
    if type_ == "staff_member":
        return names.get(value, value)  # type: ignore[arg-type]
    if language is None or isinstance(value, str):
        return as_stored(value)
    with speaking(language):
        if isinstance(value, bool):
            return t("common.yes") if value else t("common.no")
        return day(value) if isinstance(value, date) else number(value, 2 if type_ == "money" else 0)


def _clean_definition(tx: Tx, scope: str, label: str, type_: str, options: Iterable[str], group: str, but: int | None = None) -> dict:
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    values: dict[str, object] = {"type": type_}
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
    base = "_".join(words(folds(label)[0]))[:60] or "feld"
    taken = {row["key"] for row in tx.rows("SELECT key FROM custom_field WHERE scope = $scope", scope=scope)}
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 10_000))) if key not in taken)


def _next_place(tx: Tx, scope: str) -> int:
    return 1 + (tx.value("SELECT max(position) FROM custom_field WHERE scope = $scope", scope=scope) or 0)


@verb("custom_field.define")
def define_field(
    tx: Tx, viewer: Viewer, *, scope: str, label: str, type: str, options: Iterable[str] = (), group: str = "", required: bool = False,
) -> int:  # fmt: skip
    """A new field at the end of its scope; returns its id. Raises NotAllowed, ValidationFailed."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    values = _clean_definition(tx, scope, label, type, options, group)
    key = _new_key(tx, scope, str(values["label"]))
    return tx.insert("custom_field", scope=scope, key=key, position=_next_place(tx, scope), is_required=bool(required), **values)


@verb("custom_field.change")
def change_field(
    tx: Tx, viewer: Viewer, custom_field_id: int, version: int, *, label: str, type: str, options: Iterable[str] = (), group: str = "",
    required: bool = False, expected_lost: int = 0, language: str | None = None,
) -> None:  # fmt: skip
    """Another label, group, type or options; values are rewritten to the new type, those that cannot be are removed.

    Texts are read, and texts are made, as ``language`` writes numbers and days (None: as they are stored).

    Raises EditConflict when the definition changed meanwhile, or when more values would be lost than ``expected_lost``.
    """
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    row = tx.get("custom_field", custom_field_id)
    if row is None:
        raise NotFound()
    options = tuple(options)
    values = _clean_definition(tx, row["scope"], label, type, options, group, but=custom_field_id)
    linked = row["scope"] == "contact" and "email" in (row["type"], type) and row["type"] != type
    if linked and (row["type"] != "email" or tx.value("SELECT 1 FROM contact_email WHERE custom_field_id = $id", id=custom_field_id)):
        raise ValidationFailed({"type": ("field_email_fixed", {})})
    effect = _effect(tx, row, type, tuple(json.loads(values["options"])) if values["options"] else (), language)
    if effect.lost > expected_lost:
        raise EditConflict({"values": (None, effect.lost)})
    tx.update("custom_field", custom_field_id, version, is_required=bool(required), **values)
    table, owner = VALUES[row["scope"]]
    for owner_id, value in effect.changes.items():
        key = {owner: owner_id, "custom_field_id": custom_field_id}
        tx.delete(table, key) if value is None else tx.update(table, key, value=value)


@verb("custom_field.retire")
def retire_field(tx: Tx, viewer: Viewer, custom_field_id: int) -> None:
    """Not asked for any more; its values stay and come back with it."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    tx.update("custom_field", custom_field_id, retired_at=now())


@verb("custom_field.restore")
def restore_field(tx: Tx, viewer: Viewer, custom_field_id: int) -> None:
    """Asked for again, with the values it had."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    tx.update("custom_field", custom_field_id, retired_at=None)


@verb("custom_field.order")
def order_fields(tx: Tx, viewer: Viewer, scope: str, custom_field_ids: list[int]) -> None:
    """The fields of a scope in this order; those not named follow as they were."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    known = [row["custom_field_id"] for row in definitions(tx, scope, retired=True)]
    if not set(custom_field_ids) <= set(known):
        raise NotFound()
    for place, custom_field_id in enumerate([*custom_field_ids, *(i for i in known if i not in custom_field_ids)], start=1):
        tx.update("custom_field", custom_field_id, position=place)


def starter_left(viewer: Viewer) -> list[tuple[str, str, str]]:
    """(key, label, type) of the starter fields this firm does not have."""
    with reader(viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        has = {(row["key"], row["label"].lower()) for row in definitions(r, "account", retired=True)}
    keys, labels = {key for key, _ in has}, {label for _, label in has}
    return [(key, label, type_) for key, label, type_, _, _ in STARTER if key not in keys and label.lower() not in labels]


@verb("custom_field.add_starter_set")
def add_starter_fields(tx: Tx, viewer: Viewer, keys: Iterable[str]) -> int:
    """Those of the German starter set; returns how many were new."""
    tx.require(Right.MANAGE_CUSTOM_FIELDS)
    wanted, added = set(keys), 0
    for key, label, type_, group, options in STARTER:
        taken = tx.value(
            "SELECT 1 FROM custom_field WHERE scope = 'account' AND (key = $key OR lower(label) = lower($label))", key=key, label=label
        )
        if key not in wanted or taken:
            continue
        tx.insert(
            "custom_field", scope="account", key=key, label=label, type=type_, field_group=group, position=_next_place(tx, "account"),
            options=json.dumps(options, ensure_ascii=False) if options else None,
        )  # fmt: skip
        added += 1
    return added
