"""Every role against every operation, at the real desks, as the table says: reviewed by eye.

The expected matrix is `permissions.txt` beside this: a line for each operation, a column for each
role. ``all`` everywhere, ``own`` only what is theirs, ``-`` refused. Write it anew, and read the
difference, with ``python -m tests.contracts.test_permissions``.
"""

import sys
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from uuid import uuid4

import pytest

from services.platform import SERVICES, operations
from shared.clock import FixedClock
from shared.database import Database
from shared.desk import Desk
from shared.errors import Forbidden, Invalid, NotFound, Refusal, VersionMissing
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role
from shared.operations import Operation
from shared.permissions import Extent
from shared.work import Actor, Call
from tests.alone import desk_of, make_tables

ROOT = Path(__file__).parents[2]
MATRIX = Path(__file__).with_name("permissions.txt")
OPERATIONS = sorted(operations(), key=lambda each: (SERVICES.index(each.service), each.name))
_CELLS = {None: "-", Extent.OWN: "own", Extent.ALL: "all"}


def matrix() -> str:
    head = f"{'operation':42}" + "".join(f"{_short(role):>10}" for role in Role)
    lines = (
        f"{each.service + '.' + each.name:42}"
        + "".join(f"{_cell(each, role):>10}" for role in Role)
        for each in OPERATIONS
    )
    return "\n".join((head, *lines)) + "\n"


def _cell(operation: Operation, role: Role) -> str:
    """Outsiders come only to what says whose a record is, or to what they make."""
    closed = role is Role.PARTNER_GUEST and operation.scoped_by is None and not operation.creates
    return "-" if closed else _CELLS[operation.holders.get(role)]


def _short(role: Role) -> str:
    return role.removeprefix("partnership_").removeprefix("partner_").replace("programme_", "")[:9]


def _expected() -> dict[tuple[str, Role], str]:
    lines = MATRIX.read_text("utf-8").splitlines()[1:]
    cells: dict[tuple[str, Role], str] = {}
    for line in lines:
        name, *values = line.split()
        cells |= {(name, role): value for role, value in zip(Role, values, strict=True)}
    return cells


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    folder = tmp_path_factory.mktemp("desks")
    databases = {name: Database(f"sqlite:///{folder}/{name}.db") for name in SERVICES}
    made = {}
    for name, database in databases.items():
        make_tables(name, database)
        made[name] = desk_of(name, database, FixedClock.at(date(2026, 3, 1)))
    yield made
    for database in databases.values():
        database.close()


def test_the_matrix_is_what_was_reviewed() -> None:
    assert matrix() == MATRIX.read_text("utf-8")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.service}.{each.name}")
def test_the_desk_refuses_what_the_matrix_refuses(
    desks: dict[str, Desk], operation: Operation, role: Role
) -> None:
    expected = _expected()[f"{operation.service}.{operation.name}", role]
    assert _is_refused(desks[operation.service], operation, role) == (expected == "-")


def _is_refused(desk: Desk, operation: Operation, role: Role) -> bool:
    """Whether somebody with this role is stopped before anything is looked at: no record is there,
    and the body is empty, so that whoever may is refused for another reason or answered."""
    scope = uuid4() if role is Role.PARTNER_GUEST else None
    call = Call(actor=Actor("somebody", frozenset({role}), scope=scope))
    carry_out = desk.execute if operation.is_command else desk.ask
    try:
        carry_out(operation.name, {"id": str(uuid4())}, call)
    except (Invalid, NotFound, VersionMissing):
        return False
    except Forbidden as refusal:
        return refusal.rule in ("permission", "scope")
    except Refusal:
        return False
    return False


def test_a_permission_for_ones_own_has_a_rule_that_says_whose_something_is() -> None:
    silent = [
        (each.name, role)
        for each in OPERATIONS
        for role, extent in each.holders.items()
        if extent is Extent.OWN and each.own is None and role != Role.PARTNER_GUEST
    ]
    assert silent == []


def test_auditors_change_nothing_and_read_everything() -> None:
    held = {each for each in Permission if PERMISSIONS.extent([Role.AUDITOR], each)}
    assert held == {each for each in Permission if each.reads}
    assert not [
        each.name for each in OPERATIONS if each.is_command and Role.AUDITOR in each.holders
    ]


def test_a_role_that_the_table_does_not_know_has_nothing() -> None:
    assert not [each for each in Permission if PERMISSIONS.extent(["newcomer"], each)]


def test_administrators_run_the_system_and_not_the_office() -> None:
    commands = {
        each.name: each.holders[Role.ADMINISTRATOR]
        for each in OPERATIONS
        if each.is_command and Role.ADMINISTRATOR in each.holders
    }
    assert {name for name, extent in commands.items() if extent is Extent.ALL} == {
        "import_partners",
        "import_contract",
        "import_contracts",
        "issue_token",
        "revoke_token",
        "rebuild",
    }
    as_a_participant = {
        each.name
        for each in OPERATIONS
        if each.is_command and each.holders.get(Role.OBSERVER) is Extent.OWN
    }
    assert {name for name, extent in commands.items() if extent is Extent.OWN} == as_a_participant


COMBINED = [*combinations((role for role in Role if role is not Role.PARTNER_GUEST), 2)]


@pytest.mark.parametrize("roles", COMBINED, ids="+".join)
def test_with_two_roles_somebody_may_what_either_permits_and_nothing_else(
    roles: tuple[Role, Role],
) -> None:
    actor = Actor("somebody", frozenset(roles))
    for each in OPERATIONS:
        held = [each.holders[role] for role in roles if role in each.holders]
        assert PERMISSIONS.extent(roles, each.needs) == max(held, default=None)
        assert _passes(each, actor) == bool(held)
        for permission in {needed for _, needed in each.guarded}:
            alone = [each.shows(Actor("somebody", frozenset({role})), permission) for role in roles]
            whole = [PERMISSIONS.allows([role], permission) for role in roles]
            assert each.shows(actor, permission) <= any(alone)
            assert each.shows(actor, permission) >= any(whole)


def _passes(operation: Operation, actor: Actor) -> bool:
    try:
        operation.check_permitted(actor)
    except Forbidden:
        return False
    return True


def test_every_permission_is_needed_by_something_and_held_by_somebody() -> None:
    assert [each for each in Permission if not PERMISSIONS.holders(each)] == []


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.CONSULTANT, Role.PROGRAMME_LEAD])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.service}.{each.name}")
def test_nobody_without_the_permission_is_shown_a_field_that_needs_it(
    operation: Operation, role: Role
) -> None:
    actor = Actor("somebody", frozenset({role}))
    withheld = {needed for _, needed in operation.guarded if not operation.shows(actor, needed)}
    if role is Role.OBSERVER:
        hidden = {
            Permission.MONEY_READ,
            Permission.RATE_READ,
            Permission.PERSONAL_DATA_READ,
            Permission.DRAFT_READ,
        }
        assert withheld >= {needed for _, needed in operation.guarded} & hidden
    assert Permission.MONEY_READ not in {n for _, n in operation.guarded} - withheld


#: Services whose rules, and so whose refusals, speak of amounts of money.
OF_MONEY = ("contract", "finance")


def test_a_refusal_tells_nobody_an_amount_that_they_may_not_see() -> None:
    """Whoever may run a command of these services sees amounts; others speak of none."""
    blind = {
        (each.name, role)
        for each in OPERATIONS
        if each.is_command and each.service in OF_MONEY
        for role in each.holders
        if not PERMISSIONS.allows([role], Permission.MONEY_READ)
    }
    assert blind == set()
    speaking = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "services").glob("*/domain/**/*.py")
        if "shared.money" in path.read_text("utf-8")
        if path.stem not in ("consultant", "known", "wording")  # hold amounts, refuse none
    }
    assert speaking == set(OF_MONEY)


def test_the_refusal_names_the_permission_and_who_has_it(desks: dict[str, Desk]) -> None:
    call = Call(actor=Actor("somebody", frozenset({Role.OBSERVER})))
    with pytest.raises(Forbidden) as refusal:
        desks["contract"].execute("approve_contract", {"id": str(uuid4())}, call)
    said = refusal.value.message
    assert "approve contracts" in said
    assert all(role in said for role in PERMISSIONS.holders(Permission.CONTRACT_APPROVE))


def test_outsiders_are_not_told_how_the_office_divides_its_work(desks: dict[str, Desk]) -> None:
    call = Call(actor=Actor("guest", frozenset({Role.PARTNER_GUEST}), scope=uuid4()))
    with pytest.raises(Forbidden) as refusal:
        desks["contract"].execute("approve_contract", {"id": str(uuid4())}, call)
    assert not any(role in refusal.value.message for role in Role)


if __name__ == "__main__":
    MATRIX.write_text(matrix(), "utf-8")
    sys.stdout.write(f"written: {MATRIX.name}\n")
