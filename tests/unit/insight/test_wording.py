"""Every event as a sentence for people."""

from datetime import date

import pytest

from services.insight.domain.wording import WORDINGS, About, money, sentence
from shared.events import Event, published
from shared.events.consultancy import DaysApproved
from shared.events.contract import ContractActivated, ContractSubmitted, ContractTerms
from shared.events.faculty import (
    EnrolmentOpened,
    EvaluationSummarised,
    ParticipantEnrolled,
    PlaceKind,
    ProgrammePublished,
)
from shared.events.finance import InvoiceVoided
from shared.events.vocabulary import ContractType
from shared.money import Money
from tests.unit.insight.samples import sample

pytestmark = pytest.mark.row("U1")

EVENTS = list(published().values())


def of_type(event: type[Event]) -> str:
    return f"{event.type}.v{event.version}"


@pytest.mark.parametrize("event", EVENTS, ids=of_type)
def test_every_published_event_has_a_wording(event: type[Event]) -> None:
    assert event in WORDINGS


@pytest.mark.parametrize("sparse", [False, True], ids=["full", "sparse"])
@pytest.mark.parametrize("event", EVENTS, ids=of_type)
def test_every_wording_is_one_line_with_all_its_words(event: type[Event], sparse: bool) -> None:
    said = sentence(sample(event, sparse=sparse), About())
    assert said[0].isupper()
    assert "None" not in said
    assert "\n" not in said
    assert "_" not in said


def test_an_activation_tells_value_and_period() -> None:
    terms = ContractTerms(
        version=1,
        type=ContractType.FRAMEWORK,
        title="Assessment renewal",
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 12, 31),
        value=Money.of(125_000, "GBP"),
    )
    event = sample(ContractActivated, reference="CTR-2026-0042", terms=terms)
    assert sentence(event, About()) == (
        "Contract CTR-2026-0042 activated: GBP 125,000.00, 1 Jan 2026 to 31 Dec 2028"
    )


def test_a_contract_is_called_by_its_reference_once_that_is_known() -> None:
    event = sample(ContractSubmitted, needed_roles=("partnership_manager",))
    assert sentence(event, About(contract="contract CTR-2026-0042")) == (
        "Contract CTR-2026-0042 submitted for approval by partnership manager"
    )


def test_a_programme_is_called_by_its_title() -> None:
    event = sample(EnrolmentOpened, capacity=1, remote_capacity=None)
    assert sentence(event, About(name="Teaching skills")) == (
        "Programme “Teaching skills”: enrolment opened for 1 place"
    )


@pytest.mark.row("F2")
def test_places_kept_apart_are_told_apart() -> None:
    opened = sample(EnrolmentOpened, capacity=12, remote_capacity=4)
    assert sentence(opened, About(name="Teaching skills")) == (
        "Programme “Teaching skills”: enrolment opened for 12 places (4 of them remote)"
    )
    enrolled = sample(ParticipantEnrolled, enrolled=3, capacity=12, place=PlaceKind.ON_SITE)
    assert sentence(enrolled, About(name="Teaching skills")) == (
        "Programme “Teaching skills”: participant enrolled (on site), 3 of 12 places taken"
    )


def test_approved_days_tell_how_many_for_what_and_when() -> None:
    assert sentence(sample(DaysApproved), About()) == (
        "Approved: 1.5 days of something on 1 Jan 2026 (on site)"
    )


def test_a_programme_of_one_day_tells_one_day() -> None:
    said = sentence(sample(ProgrammePublished, title="Teaching skills"), About())
    assert said == "Programme “Teaching skills” published, 1 Jan 2026"


def test_an_evaluation_tells_how_many_answered() -> None:
    said = sentence(sample(EvaluationSummarised, responses=12), About(name="Teaching skills"))
    assert "by 12 people" in said


def test_a_voided_draft_has_no_number_to_tell() -> None:
    assert sentence(sample(InvoiceVoided, reason="sent twice"), About()) == (
        "Draft invoice voided: sent twice"
    )


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Money.of("1234.5", "JOD"), "JOD 1,234.500"),
        (Money.of(1234, "JPY"), "JPY 1,234"),
        (None, "no money"),
    ],
)
def test_money_is_told_with_its_own_decimals(amount: Money | None, said: str) -> None:
    assert money(amount) == said
