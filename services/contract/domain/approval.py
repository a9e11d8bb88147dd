"""Who must approve a contract, and who has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from services.contract.domain.policy import Policy
from shared.events.contract import ContractTerms
from shared.events.vocabulary import RenewalType, RiskBand, Role
from shared.money import Money

#: Who may give the approval that is asked of a role: the role itself, or its superior.
MAY_STAND_IN: dict[Role, frozenset[Role]] = {
    Role.PARTNERSHIP_OFFICER: frozenset({Role.PARTNERSHIP_OFFICER, Role.PARTNERSHIP_MANAGER}),
    Role.PARTNERSHIP_MANAGER: frozenset({Role.PARTNERSHIP_MANAGER}),
    Role.FINANCE: frozenset({Role.FINANCE}),
    Role.BOARD: frozenset({Role.BOARD}),
}


#: What ends only when somebody ends it binds the office for long; where nobody knows, it may.
_LONG_TERM = (RenewalType.AUTO, RenewalType.EVERGREEN, RenewalType.UNKNOWN)


@dataclass(frozen=True)
class Approval:
    """One person's yes, given in the place of one needed role."""

    approver_id: str
    role: Role
    given_at: datetime
    roles: tuple[str, ...] = ()  # all that the person held


def needed_roles(
    terms: ContractTerms, risk_band: RiskBand | None, policy: Policy
) -> tuple[Role, ...]:
    """The approval matrix: by value, the partner's risk band, and terms that go on by themselves.

    Every role named must give its own approval. A partner of unknown risk counts as high risk,
    a value in a currency without a rate as the highest value.
    """
    value = _in_reporting_currency(terms.value, policy)
    needs_manager = value >= policy.manager_from or terms.renewal in _LONG_TERM
    needs_board = value >= policy.board_from or risk_band in (None, RiskBand.HIGH)
    roles = [Role.PARTNERSHIP_MANAGER if needs_manager or needs_board else Role.PARTNERSHIP_OFFICER]
    if value >= policy.finance_from:
        roles.append(Role.FINANCE)
    if needs_board:
        roles.append(Role.BOARD)
    return tuple(roles)


def still_needed(asked: Iterable[Role], now: Iterable[Role]) -> tuple[Role, ...]:
    """The matrix as at submission with what it asks for now: who has been asked stays asked.

    A manager's approval includes an officer's.
    """
    together = tuple(dict.fromkeys((*asked, *now)))
    if Role.PARTNERSHIP_MANAGER not in together:
        return together
    return tuple(role for role in together if role is not Role.PARTNERSHIP_OFFICER)


def placed(approvals: Iterable[Approval], needed: Iterable[Role]) -> tuple[Approval, ...]:
    """The approvals, each that stood in for a place no longer needed moved to its own place."""
    needed = tuple(needed)
    kept: tuple[Approval, ...] = ()
    for each in approvals:
        if each.role not in needed:
            role = place_for(each.roles, open_roles(needed, kept))
            each = replace(each, role=role or each.role)
        kept = (*kept, each)
    return kept


def open_roles(needed: Iterable[Role], approvals: Iterable[Approval]) -> tuple[Role, ...]:
    """The needed roles whose approval is still missing, in the order of the matrix."""
    given = {each.role for each in approvals}
    return tuple(role for role in needed if role not in given)


def place_for(roles: Iterable[str], still_open: Iterable[Role]) -> Role | None:
    """The open place that somebody with these roles can fill: their own before a junior's."""
    held = set(roles)
    fitting = [role for role in still_open if held & MAY_STAND_IN[role]]
    own = [role for role in fitting if role in held]
    return next(iter([*own, *fitting]), None)


def _in_reporting_currency(value: Money | None, policy: Policy) -> Decimal:
    if value is None:
        return Decimal(0)
    rate = policy.reporting_rate(value.currency)
    return Decimal("Infinity") if rate is None else value.amount * rate
