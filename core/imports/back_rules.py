"""What a taking back may not do though nobody touched it: unmake the last owner or contact, or overstep a rank."""

from __future__ import annotations

from collections import defaultdict

from core.base.rights import Role, Viewer
from core.imports.made_rows import MadeRows, Node, Place, close
from core.store import Reader, Row
from core.store.staging import STORE

RANK, LAST_OWNER, LAST_CONTACT = "rank", "last_owner", "last_contact"
HIGH = {Role.OWNER.value, Role.ADMIN.value}
# Fields of a member that nobody changes of themselves by an import.
OWN = ("role", "is_active", "email")


def keep_ranks(r: Reader, found: MadeRows, who: Viewer) -> None:
    """Hold what this person may not do to the team, as the forms and an import say, and the last active owner.

    Asked anew for every piece: who may what, and who is an owner, may be another thing by then.
    """
    made, changed, removed = found.of_team
    if not (made or changed or removed):
        return
    team = {row["staff_member_id"]: row for row in r.rows(f"SELECT staff_member_id, role, is_active FROM {STORE}.staff_member")}
    if who.kind != "system":
        role = team[who.id]["role"] if who.id in team else None
        own = [node for node in made if node not in found.stays and not _may(role, who.id, node[1][0], _roles(found, team, node))]
        found.stays |= dict.fromkeys(own, RANK)
        for place in changed:
            person = who.id if place[2] in OWN else None
            if not _may(role, person, place[1][0], _roles(found, team, place[:2])):
                found.held[place] = RANK
        for node in removed:
            if not _may(role, who.id, node[1][0], _roles(found, team, node)):
                found.held[*node, ""] = RANK
        close(found)
    _keep_an_owner(found, team)


def keep_a_contact(r: Reader, found: MadeRows) -> None:
    """Hold a link where its client would be left without a contact, or its contact without a client, because others removed the ones before."""
    if not found.cut:
        return
    links = [node for node in found.going if node[0] == "account_contact"]
    again = [node for node in found.removed if node[0] == "account_contact" and (*node, "") not in found.held]
    for place, owner in enumerate(("account", "contact")):
        of_owner: dict[object, list[Node]] = defaultdict(list)
        for node in links:
            whose = (owner, (node[1][place],))
            if whose in found.cut and not found.goes(whose):
                of_owner[node[1][place]].append(node)
        there = r.rows(
            f"SELECT account_id, contact_id FROM {STORE}.account_contact WHERE {owner}_id IN (SELECT unnest($ids::BIGINT[]))",
            ids=list(of_owner),
        )
        nodes = {("account_contact", (row["account_id"], row["contact_id"])) for row in there}
        left = {node[1][place] for node in (*(node for node in nodes if not found.goes(node)), *again)}
        for number, own in of_owner.items():
            if number not in left and (first := next((node for node in own if node in nodes), None)):
                found.stays[first] = LAST_CONTACT
    close(found)


def gives_an_owner(found: MadeRows, place: Place) -> bool:
    """Return whether the value before may make somebody an active owner: such fields go back first, so that others may cease to be one."""
    return place[0] == "staff_member" and (place[2], str(found.changed[place].old).lower()) in (
        ("role", Role.OWNER.value),
        ("is_active", "true"),
    )


def _may(role: object, person: int | None, member: object, roles: set[str]) -> bool:
    return member != person and (role == Role.OWNER.value or not roles & HIGH)


def _roles(found: MadeRows, team: dict[int, Row], node: Node) -> set[str]:
    """Return the roles that a member has, and would have again."""
    member = int(str(node[1][0]))
    again = found.removed.get(("staff_member", (member,)), {}).get("role")
    back = found.changed.get(("staff_member", (member,), "role"))
    return {role for role in (team[member]["role"] if member in team else None, again, back and back.old) if role}


def _keep_an_owner(found: MadeRows, team: dict[int, Row]) -> None:
    """Hold one of the active owners where none would be left."""
    owners = [member for member, row in team.items() if row["role"] == Role.OWNER.value and row["is_active"]]
    if not owners or any(_after(found, member, row) == (Role.OWNER.value, "true") for member, row in team.items()):
        return
    kept = min(owners)
    node = ("staff_member", (kept,))
    if node in found.made and node not in found.stays:
        found.stays[node] = LAST_OWNER
        close(found)
    for name in ("role", "is_active"):
        if (*node, name) in found.changed:
            found.held[*node, name] = LAST_OWNER


def _after(found: MadeRows, member: int, row: Row) -> tuple[str, ...] | None:
    """Return role and activity that a member has once all is taken back; None for one who goes."""
    node = ("staff_member", (member,))
    if node in found.made and node not in found.stays:
        return None
    after = []
    for name in ("role", "is_active"):
        here, place = str(row[name]).lower(), (*node, name)
        change = found.changed.get(place)
        goes_back = change and place not in found.held and here in (str(change.new).lower(), str(change.old).lower())
        after.append(str(change.old).lower() if change and goes_back else here)
    return tuple(after)
