"""Observers read what happened: without amounts, and without what is still being drafted."""

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from services.insight.domain.visibility import visible_to
from services.insight.domain.wording import About, sentence
from shared.events import contract, published
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role
from shared.money import Money
from tests.unit.insight.samples import sample

pytestmark = pytest.mark.row("U1")


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.CONSULTANT, Role.PROGRAMME_LEAD])
@pytest.mark.parametrize(
    "event",
    [
        "contract.drafted",
        "contract.submitted",
        "contract.terms_changed",
        "faculty.programme_designed",
    ],
)
def test_what_is_being_drafted_is_not_on_their_timeline(role: Role, event: str) -> None:
    assert event not in visible_to([role])
    assert event in visible_to([Role.PARTNERSHIP_OFFICER])


@pytest.mark.parametrize(
    "event", [contract.ContractActivated, contract.MilestoneMet, contract.MilestonePartiallyMet]
)
def test_a_sentence_without_amounts_has_no_currency_in_it(event: type) -> None:
    told: Any = sample(event)
    assert str(Money.of(125_000, "GBP").currency) in sentence(told, About())
    assert "GBP" not in sentence(told, About(shows_money=False))


AMOUNT = Money.of(Decimal("987_654.25"), "CHF")


def _with_amounts(value: Any) -> Any:
    """The same value with a telling amount wherever money stands in it."""
    if isinstance(value, Money):
        return AMOUNT
    if isinstance(value, tuple):
        return tuple(_with_amounts(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: _with_amounts(getattr(value, each.name)) for each in fields(value)}
        return replace(value, **changed)
    return value


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.PARTNER_GUEST])
def test_whoever_may_see_no_amounts_reads_none_in_any_sentence(role: Role) -> None:
    shows_money = PERMISSIONS.allows([role], Permission.MONEY_READ)
    told = {
        type_: sentence(_with_amounts(sample(event)), About(shows_money=shows_money))
        for (type_, _), event in published().items()
        if type_ in visible_to([role])
    }
    telling = {type_ for type_, said in told.items() if "CHF" in said or "987" in said}
    assert bool(telling) == shows_money, telling
