"""A programme is designed, published, started, delivered and completed by its rules."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from services.faculty.domain.design import ContributorKind, Outcome, Session
from services.faculty.domain.known_contract import ContractStanding
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import ProgrammeState
from shared.errors import Conflict, Invalid
from shared.events.faculty import (
    ProgrammeCancelled,
    ProgrammeDesigned,
    ProgrammePublished,
    ProgrammeRedesigned,
    ProgrammeStarted,
)
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    BEFORE,
    CLINICIAN,
    CONTRACT,
    LEARNER,
    PARTNER,
    POLICY,
    contract,
    delivered,
    design,
    designed,
    enrolling,
    only,
    running,
    session,
)

pytestmark = pytest.mark.row("F1")


def publish(**changed: object) -> None:
    designed(**changed).publish(contract=contract(), policy=POLICY)


def test_a_new_programme_is_designed_under_its_contract() -> None:
    event = only(ProgrammeDesigned, designed().collect())
    assert (event.contract_id, event.partner_id) == (CONTRACT, PARTNER)


def test_a_session_must_end_after_it_starts() -> None:
    with pytest.raises(Invalid) as refused:
        designed(sessions=(session(0, hours=0),))
    assert (refused.value.rule, refused.value.field) == (
        "session-ends-after-start",
        "sessions.0.ends_at",
    )


def test_a_session_of_several_days_is_refused_since_nights_are_no_teaching() -> None:
    with pytest.raises(Invalid) as refused:
        designed(sessions=(session(0), session(1, hours=56)))
    assert (refused.value.rule, refused.value.field) == ("session-length", "sessions.1.ends_at")


def local(day: int, hour: int, offset: int, *, hours: float = 2) -> Session:
    """A session in March 2026 whose clock is this many hours from UTC."""
    starts_at = datetime(2026, 3, day, hour, tzinfo=timezone(timedelta(hours=offset)))
    return Session(new_id(), "Seminar", starts_at, starts_at + timedelta(hours=hours), False)


@pytest.mark.parametrize(
    "only",
    [local(2, 0, 2), local(2, 0, 13), local(2, 22, -8), local(2, 22, 5, hours=2)],
    ids=["early in Amman", "early in Auckland", "late in California", "until midnight"],
)
def test_a_session_is_on_the_date_of_its_own_place(only: Session) -> None:
    programme = designed(sessions=(only,))
    day = date(2026, 3, 2)
    programme.publish(contract=contract(starts_on=day, ends_on=day), policy=POLICY)
    event = next(e for e in programme.collect() if isinstance(e, ProgrammePublished))
    assert (event.starts_on, event.ends_on) == (day, day)


@pytest.mark.parametrize(
    ("only", "field"),
    [(local(1, 23, 2), "starts_at"), (local(2, 23, -8), "ends_at")],
    ids=["begins the evening before", "ends after midnight"],
)
def test_the_end_of_a_session_that_lies_outside_the_contract_is_named(
    only: Session, field: str
) -> None:
    day = date(2026, 3, 2)
    with pytest.raises(Conflict) as refused:
        designed(sessions=(only,)).publish(
            contract=contract(starts_on=day, ends_on=day), policy=POLICY
        )
    assert refused.value.field == f"sessions.0.{field}"


def test_a_programme_has_at_least_one_place() -> None:
    with pytest.raises(Invalid, match="one place"):
        designed(capacity=0)


def test_an_outcome_belongs_to_a_domain() -> None:
    with pytest.raises(Invalid) as refused:
        designed(outcomes=(Outcome("Teach well", ()),))
    assert refused.value.rule == "outcome-has-domain"


def test_a_sound_design_is_published_with_its_first_and_last_day() -> None:
    programme = designed()
    programme.publish(contract=contract(), policy=POLICY)
    event = only(ProgrammePublished, programme.collect())
    assert (event.starts_on, event.ends_on) == (date(2026, 3, 2), date(2026, 3, 3))


@pytest.mark.parametrize(
    ("contributors", "rule"),
    [((LEARNER,), "clinician-contributor"), ((CLINICIAN,), "learner-contributor")],
)
def test_publishing_needs_a_clinician_and_a_learner(contributors: tuple, rule: str) -> None:
    with pytest.raises(Conflict) as refused:
        publish(contributors=contributors)
    assert refused.value.rule == rule


def test_how_many_learners_must_contribute_is_the_offices_choice() -> None:
    with pytest.raises(Conflict, match="at least 2 learner contributors"):
        designed().publish(contract=contract(), policy=Policy(learner_contributors=2))


def test_an_educator_does_not_stand_in_for_a_clinician() -> None:
    with pytest.raises(Conflict) as refused:
        publish(contributors=(replace(CLINICIAN, kind=ContributorKind.EDUCATOR), LEARNER))
    assert refused.value.rule == "clinician-contributor"


def test_publishing_needs_a_session() -> None:
    with pytest.raises(Conflict, match="at least one session"):
        publish(sessions=())


def test_publishing_needs_an_outcome() -> None:
    with pytest.raises(Conflict, match="intended outcome"):
        publish(outcomes=())


@pytest.mark.parametrize("standing", set(ContractStanding) - {ContractStanding.ACTIVE})
def test_publishing_needs_an_active_contract(standing: ContractStanding) -> None:
    with pytest.raises(Conflict) as refused:
        designed().publish(contract=contract(standing=standing), policy=POLICY)
    assert refused.value.rule == "contract-active"


@pytest.mark.parametrize(
    "period",
    [{"starts_on": date(2026, 3, 3)}, {"ends_on": date(2026, 3, 2)}],
    ids=["before it starts", "after it ends"],
)
def test_no_session_lies_outside_the_contracts_period(period: dict) -> None:
    with pytest.raises(Conflict) as refused:
        designed().publish(contract=contract(**period), policy=POLICY)
    assert refused.value.rule == "session-within-contract"


def test_an_evergreen_contract_covers_every_later_session() -> None:
    programme = designed()
    programme.publish(contract=contract(ends_on=None), policy=POLICY)
    assert programme.state is ProgrammeState.PUBLISHED


def test_a_redesign_that_changes_nothing_is_no_event() -> None:
    programme = designed()
    programme.collect()
    programme.redesign(programme.current_design, contract=contract(), at=BEFORE, policy=POLICY)
    assert programme.collect() == []


def test_a_redesign_is_published_with_its_sessions() -> None:
    programme = designed()
    moved = (session(7),)
    programme.redesign(design(sessions=moved), contract=contract(), at=BEFORE, policy=POLICY)
    event = only(ProgrammeRedesigned, programme.collect())
    assert [plan.session_id for plan in event.sessions] == [moved[0].id]


def test_a_published_programme_cannot_lose_its_learner() -> None:
    programme = designed()
    programme.publish(contract=contract(), policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.redesign(
            design(contributors=(CLINICIAN,)),
            contract=contract(),
            at=BEFORE,
            policy=POLICY,
        )
    assert refused.value.rule == "learner-contributor"


def test_outcomes_stay_once_participants_have_rated_themselves_on_them() -> None:
    programme = enrolling()
    changed = replace(
        programme.current_design,
        outcomes=(replace(programme.outcomes[0], statement="Other"),),
    )
    with pytest.raises(Conflict) as refused:
        programme.redesign(changed, contract=contract(), at=BEFORE, policy=POLICY, rated=True)
    assert refused.value.rule == "outcomes-fixed-once-rated"


def test_a_mistake_in_the_outcomes_is_corrected_before_the_first_answer() -> None:
    programme = enrolling()
    corrected = (replace(programme.outcomes[0], statement="Other"),)
    programme.redesign(
        replace(programme.current_design, outcomes=corrected),
        contract=contract(),
        at=BEFORE,
        policy=POLICY,
        rated=False,
    )
    assert programme.outcomes == corrected


def test_a_cancelled_programme_cannot_be_redesigned() -> None:
    programme = enrolling()
    programme.cancel("The visit fell through")
    with pytest.raises(Conflict) as refused:
        programme.redesign(programme.current_design, contract=contract(), at=BEFORE, policy=POLICY)
    assert refused.value.rule == "programme-state"


def test_a_cancellation_is_taken_back_and_everything_is_as_before() -> None:
    programme = enrolling(capacity=1)
    programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    before = programme.enrolments
    programme.cancel("The wrong programme")
    programme.reinstate(at=BEFORE, policy=POLICY)
    assert (programme.state, programme.cancelled_because) == (ProgrammeState.ENROLLING, None)
    assert programme.enrolments == before


def test_offers_that_ran_out_while_cancelled_lapse_when_it_is_reinstated() -> None:
    programme = enrolling(capacity=1)
    first, second, third = (
        programme.enrol(new_id(), at=BEFORE, policy=POLICY).id for _ in range(3)
    )
    programme.withdraw(first, at=BEFORE, policy=POLICY)
    programme.cancel("The wrong programme")
    programme.reinstate(at=BEFORE + timedelta(days=3), policy=POLICY)
    assert programme.enrolment(second).state == "lapsed"
    assert programme.enrolment(third).state == "offered"


def test_only_what_is_cancelled_is_reinstated() -> None:
    with pytest.raises(Conflict) as refused:
        enrolling().reinstate(at=BEFORE, policy=POLICY)
    assert refused.value.rule == "programme-state"


def test_facts_of_a_running_programme_are_corrected() -> None:
    programme = running(2)
    programme.redesign(
        replace(programme.current_design, title="Teaching on the ward", capacity=3),
        contract=contract(standing=ContractStanding.EXPIRED),
        at=BEFORE,
        policy=POLICY,
    )
    assert (programme.title, programme.capacity) == ("Teaching on the ward", 3)


def test_capacity_cannot_fall_below_the_places_taken() -> None:
    programme = enrolling(capacity=2)
    for _ in range(2):
        programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.redesign(
            replace(programme.current_design, capacity=1),
            contract=contract(),
            at=BEFORE,
            policy=POLICY,
        )
    assert refused.value.rule == "capacity-covers-taken-places"


def test_enrolment_opens_only_under_an_active_contract() -> None:
    programme = designed()
    programme.publish(contract=contract(), policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.open_enrolment(contract=contract(standing=ContractStanding.CANCELLED))
    assert refused.value.rule == "contract-active"


def test_nothing_starts_under_a_contract_that_has_ended() -> None:
    programme = enrolling()
    programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.start(contract=contract(standing=ContractStanding.EXPIRED))
    assert refused.value.rule == "contract-active"


def test_nothing_starts_with_nobody_enrolled() -> None:
    with pytest.raises(Conflict) as refused:
        enrolling().start(contract=contract())
    assert refused.value.rule == "somebody-enrolled"


def test_starting_turns_away_who_still_waits() -> None:
    programme = enrolling(capacity=1)
    waiting = new_id()
    programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    programme.enrol(waiting, at=BEFORE, policy=POLICY)
    programme.start(contract=contract())
    event = only(ProgrammeStarted, programme.collect())
    assert (event.enrolled, event.turned_away_ids) == (1, (waiting,))


def test_cancelling_names_everybody_who_must_be_told() -> None:
    programme = enrolling(capacity=1)
    enrolled, offered, waiting, gone = (new_id() for _ in range(4))
    for person in (gone, offered, waiting):
        programme.enrol(person, at=BEFORE, policy=POLICY)
    programme.withdraw(programme.enrolments[0].id, at=BEFORE, policy=POLICY)
    programme.redesign(
        replace(programme.current_design, capacity=2),
        contract=contract(),
        at=BEFORE,
        policy=POLICY,
    )
    programme.enrol(enrolled, at=BEFORE, policy=POLICY)
    programme.cancel("The visit fell through")
    event = only(ProgrammeCancelled, programme.collect())
    assert set(event.participant_ids) == {enrolled, offered, waiting}


def test_a_delivered_programme_can_no_longer_be_cancelled() -> None:
    with pytest.raises(Conflict) as refused:
        delivered().cancel("Too late")
    assert refused.value.rule == "programme-state"


@pytest.mark.parametrize("deed", ["open_enrolment", "start"])
def test_no_stage_is_skipped(deed: str) -> None:
    with pytest.raises(Conflict) as refused:
        getattr(designed(), deed)(contract=contract())
    assert refused.value.rule == "programme-state"


def test_a_refusal_says_what_state_would_do() -> None:
    with pytest.raises(Conflict, match="it must be running to be delivered"):
        designed().deliver(at=BEFORE + timedelta(days=90), policy=POLICY)
