"""Observers read what happened: without amounts, and without what is still being drafted."""

from typing import Any

import pytest

from services.insight.domain.visibility import visible_to
from services.insight.domain.wording import About, sentence
from shared.events import contract
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
