"""Sample data: an office as it might look after a year, so that the first page is alive.

The institutions are real, with their published name, country and website; everything that is said
about working with them (contracts, people, fees, rates, days, programmes, invoices) is made up,
and every contract says so in its title.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.cli.operating import completeness
from services.platform import SERVICES, Caller, Platform, operations
from shared.errors import Conflict, NotFound
from shared.events.vocabulary import Area, Role
from shared.messaging.rpc import ServiceCalls
from shared.messaging.service import CLOCK
from shared.settings import Settings
from shared.work import Actor, Call

#: Seconds for which a command waits for what its service has to learn first.
PATIENCE = 30.0

#: How far back the sample's history begins.
DAYS_OF_HISTORY = 470


def load(settings: Settings, tell: Callable[[int, int], None]) -> None:
    """Write the sample into empty databases; `tell` hears (steps done, steps in all)."""
    today = datetime.now(settings.zone).date()
    clock = MovableClock(datetime(1970, 1, 1, tzinfo=UTC))
    platform = Platform(settings)
    platform.start(**{CLOCK: clock, "WEB_SERVER_ADDRESS": "127.0.0.1:0"})
    try:
        with Caller(settings, "sample") as calls:
            Sample(calls, clock, today).load(tell)
    finally:
        platform.stop()


class MovableClock:
    """A clock that the sample moves on through its history."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Place:
    """A partner of the sample: published facts, and how far the made-up partnership went."""

    name: str
    country: str
    sector: str
    website: str | None
    state: str
    risk: str = "low"


PLACES = (
    Place("Newgiza University", "EG", "university", "https://www.ngu.edu.eg/", "active", "medium"),
    Place(
        "Jordan University of Science and Technology",
        "JO",
        "university",
        "http://www.just.edu.jo/",
        "active",
    ),
    Place("Korle Bu Teaching Hospital", "GH", "hospital", None, "active", "medium"),
    Place("University of Nicosia", "CY", "university", "http://www.unic.ac.cy/", "active"),
    Place("Makerere University", "UG", "university", "http://www.mak.ac.ug/", "active", "medium"),
    Place("Hanoi Medical University", "VN", "university", "http://www.hmu.edu.vn/", "active"),
    Place(
        "Universidad Peruana Cayetano Heredia",
        "PE",
        "university",
        "http://www.upch.edu.pe/",
        "approved",
    ),
    Place("Ministry of Health and Sanitation Sierra Leone", "SL", "government", None, "approved"),
    Place("CURE Ethiopia Children's Hospital", "ET", "charity", None, "dormant"),
    Place(
        "Ruprecht-Karls-Universität Heidelberg",
        "DE",
        "university",
        "http://www.uni-heidelberg.de/",
        "under_review",
    ),
    Place("Universidade de São Paulo", "BR", "university", "http://www.usp.br/", "under_review"),
    Place("General Dental Council", "GB", "regulator", None, "prospect"),
    Place(
        "Kabul Medical University", "AF", "university", "http://www.kmu.edu.af/", "declined", "high"
    ),
)


@dataclass(frozen=True)
class Agreement:
    """A contract of the sample: days count from today, money is in major units."""

    partner: str
    title: str
    type: str
    starts: int
    ends: int
    state: str
    currency: str = "GBP"
    payments: tuple[tuple[str, int, str], ...] = ()  # title, due, amount
    budget: tuple[tuple[str, str, str], ...] = ()  # role, days, rate
    days: int = 0  # logged and approved of the first role, one every fifth day
    met: int = 0  # payment milestones met
    paid: int = 0  # invoices paid; the others of those met are open
    payment_days: int = 30


AGREEMENTS = (
    Agreement(
        "Newgiza University",
        "Curriculum and assessment partnership",
        "statement_of_work",
        -330,
        400,
        "active",
        payments=(
            ("Inception report", -250, "90000.00"),
            ("Assessment blueprint", -60, "120000.00"),
            ("Final review", 380, "60000.00"),
        ),
        budget=(("lead consultant", "40", "950.00"), ("educator", "80", "650.00")),
        days=35,
        met=2,
        paid=1,
        payment_days=30,
    ),
    Agreement(
        "Jordan University of Science and Technology",
        "Examiner training",
        "statement_of_work",
        -200,
        165,
        "active",
        "JOD",
        payments=(("First cohort", -40, "18500.500"), ("Second cohort", 120, "18500.500")),
        budget=(("educator", "24", "420.000"),),
        days=17,
        met=1,
        paid=1,
    ),
    Agreement(
        "Korle Bu Teaching Hospital",
        "Simulation faculty development",
        "moa",
        -150,
        215,
        "active",
        payments=(("Simulation centre opened", 150, "15000.00"),),
        budget=(("educator", "30", "500.00"),),
        days=12,
    ),
    Agreement(
        "University of Nicosia",
        "Quality assurance of clinical placements",
        "statement_of_work",
        -390,
        -20,
        "expired",
        "EUR",
        payments=(("Annual report", -45, "42000.00"),),
        budget=(("lead consultant", "20", "900.00"),),
        days=18,
        met=1,
        payment_days=14,
    ),
    Agreement(
        "Makerere University",
        "Workshop series for clinical teachers",
        "statement_of_work",
        -300,
        -60,
        "completed",
        payments=(("Series delivered", -80, "24000.00"),),
        budget=(("educator", "20", "480.00"),),
        days=16,
        met=1,
        paid=1,
    ),
    Agreement(
        "Hanoi Medical University", "Student electives", "placement_agreement", 30, 760, "signed"
    ),
    Agreement(
        "Universidad Peruana Cayetano Heredia",
        "Curriculum review",
        "statement_of_work",
        20,
        385,
        "out_for_signature",
        payments=(("Review delivered", 300, "38000.00"),),
        budget=(("lead consultant", "18", "900.00"),),
    ),
    Agreement(
        "Hanoi Medical University",
        "Policy advice",
        "statement_of_work",
        10,
        375,
        "approved",
        payments=(("Strategy delivered", 200, "8800.00"),),
    ),
    Agreement(
        "Ministry of Health and Sanitation Sierra Leone",
        "National licensing examination",
        "statement_of_work",
        40,
        800,
        "in_review",
        payments=(("Examination set up", 300, "240000.00"), ("First sitting", 700, "310000.00")),
        budget=(("lead consultant", "60", "950.00"), ("educator", "120", "600.00")),
    ),
    Agreement("Makerere University", "Next workshop series", "mou", 30, 395, "draft"),
    Agreement(
        "CURE Ethiopia Children's Hospital", "Exchange of registrars", "mou", -100, 100, "cancelled"
    ),
)


class Sample:
    """Writes the sample through the services' own commands, day after day of its history."""

    def __init__(self, calls: ServiceCalls, clock: MovableClock, today: date) -> None:
        self.calls = calls
        self.clock = clock
        self.today = today
        self._owner = {each.name: each.service for each in operations()}
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._partners: dict[str, str] = {}

    def load(self, tell: Callable[[int, int], None]) -> None:
        """Play the whole history; `tell` hears how much of it is done."""
        for place in PLACES:
            self._plan_partner(place)
        for number, agreement in enumerate(AGREEMENTS):
            self._plan_agreement(number, agreement)
        total = len(self._planned)
        done, last = 0, -DAYS_OF_HISTORY
        while self._planned:
            self._planned.sort(key=lambda each: each[:2])
            day, _, act = self._planned.pop(0)
            if day // 30 != last // 30:
                self._tick(day)
            last = day
            self._set_clock(day)
            act()
            done += 1
            tell(done, max(total, done + len(self._planned)))
        self._tick(0)
        completeness(self.calls)

    def _at(self, day: int, act: Callable[[], None]) -> None:
        self._planned.append((min(day, 0), len(self._planned), act))

    def _set_clock(self, day: int) -> None:
        moment = datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(days=day)
        # Within a day time goes on, so that what happened later is seen to be later.
        self.clock.moment = max(moment.replace(hour=9), self.clock.moment + timedelta(seconds=90))

    def _tick(self, day: int) -> None:
        self._set_clock(day)
        for name in SERVICES:
            self.calls.call(name, "tick", deadline=60, day=self._date(day))

    def _date(self, day: int) -> str:
        return (self.today + timedelta(days=day)).isoformat()

    def _do(self, name: str, role: Role, /, **body: Any) -> dict[str, Any]:
        """A command in the name of the sample's one person with this role."""
        call = Call(actor=Actor(f"sample-{role}", frozenset({role})))
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                view: dict[str, Any] = self.calls.execute(self._owner[name], name, body, call)[
                    "body"
                ]
                return view
            except (Conflict, NotFound) as refusal:
                on_its_way = refusal.rule in ("partner-known", "contract-active", "exists")
                if not on_its_way or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _plan_partner(self, place: Place) -> None:
        officer, manager = Role.PARTNERSHIP_OFFICER, Role.PARTNERSHIP_MANAGER
        began = -DAYS_OF_HISTORY + 3 * PLACES.index(place)

        def propose() -> None:
            partner = self._do(
                "propose_partner",
                officer,
                legal_name=place.name,
                country=place.country,
                sector=place.sector,
                website=place.website,
            )
            self._partners[place.name] = partner["id"]

        def review() -> None:
            identifier = self._partners[place.name]
            self._do("start_review", officer, id=identifier)
            for check in ("legal", "finance", "sanctions", "ethics", "site_visit"):
                self._do(
                    "record_check",
                    officer,
                    id=identifier,
                    check=check,
                    outcome="passed",
                    evidence="Sample data: made up",
                )
            self._do(
                "rate_risk", officer, id=identifier, band=place.risk, reason="Sample data: made up"
            )
            self._do(
                "assess_needs",
                officer,
                id=identifier,
                gaps=[
                    {
                        "area": area,
                        "current": 1 + (began + number) % 3,
                        "target": 4,
                        "priority": 5 - number,
                    }
                    for number, area in enumerate(Area)
                ],
                aims="Sample data: made up",
            )

        def approve() -> None:
            self._do("approve_partner", manager, id=self._partners[place.name])

        def decline() -> None:
            self._do(
                "decline_partner",
                manager,
                id=self._partners[place.name],
                reason="Sample data: no safe travel at present",
            )

        def rest() -> None:
            self._do("activate_partner", officer, id=self._partners[place.name])
            self._do(
                "rest_partner",
                officer,
                id=self._partners[place.name],
                reason="Sample data: programme paused by the partner",
            )

        self._at(began, propose)
        if place.state != "prospect":
            self._at(began + 1, review)
        if place.state in ("approved", "active", "dormant"):
            self._at(began + 2, approve)
        if place.state == "declined":
            self._at(began + 20, decline)
        if place.state == "dormant":
            self._at(-30, rest)

    def _plan_agreement(self, number: int, agreement: Agreement) -> None:
        _Course(self, number, agreement).plan()


class _Course:
    """The course of one contract of the sample."""

    #: The states that a contract passes through, as far as the sample takes it.
    STATES = ("draft", "in_review", "approved", "out_for_signature", "signed", "active")

    def __init__(self, sample: Sample, number: int, agreement: Agreement) -> None:
        self.sample = sample
        self.agreement = agreement
        self.number = number
        self.contract: dict[str, Any] = {}
        self.engagement = self.consultant = ""

    def plan(self) -> None:
        agreement, at = self.agreement, self.sample._at
        begun = min(agreement.starts - 20, -10 - self.number)
        far = self._reach()
        at(begun, self.draft)
        for offset, (state, act) in enumerate(
            (
                ("in_review", self.submit),
                ("approved", self.approve),
                ("out_for_signature", self.send),
                ("signed", self.sign),
            ),
            start=1,
        ):
            if far >= self.STATES.index(state):
                at(begun + offset, act)
        if agreement.state == "cancelled":
            at(begun + 3, self.cancel)
        if far < self.STATES.index("active"):
            return
        at(agreement.starts, self.activate)
        if agreement.days:
            at(agreement.starts + 5, self.engage)
            for day in range(agreement.days):
                at(agreement.starts + 8 + 5 * day, self.log)
        for place, (_, due, _) in enumerate(agreement.payments[: agreement.met]):
            at(due, lambda place=place: self.meet(place))  # type: ignore[misc]
            at(due + 1, lambda place=place: self.bill(place))  # type: ignore[misc]
        if agreement.budget and agreement.title.startswith(("Workshop", "Examiner", "Simulation")):
            at(agreement.starts + 40, self.teach)
            at(agreement.starts + 44, self.close_programme)
        if agreement.state == "completed":
            at(agreement.ends, self.complete)

    def _reach(self) -> int:
        if self.agreement.state in self.STATES:
            return self.STATES.index(self.agreement.state)
        return 0 if self.agreement.state == "cancelled" else len(self.STATES) - 1

    def money(self, amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": self.agreement.currency}

    def do(self, name: str, role: Role, /, **body: Any) -> dict[str, Any]:
        return self.sample._do(name, role, **body)

    def draft(self) -> None:
        agreement = self.agreement
        value = sum((Decimal(amount) for _, _, amount in agreement.payments), Decimal(0))
        self.contract = self.do(
            "draft_contract",
            Role.PARTNERSHIP_OFFICER,
            partner_id=self.sample._partners[agreement.partner],
            type=agreement.type,
            title=f"Sample: {agreement.title}",
            starts_on=self.sample._date(agreement.starts),
            ends_on=self.sample._date(agreement.ends),
            payment_days=agreement.payment_days,
            purchase_order=f"PO-{4700 + self.number}" if agreement.payments else None,
            signatories=[
                {"name": "Sample Director", "email": "director@example.org", "side": "ours"},
                {"name": "Sample Dean", "email": "dean@example.org", "side": "theirs"},
            ],
            milestones=[
                {
                    "title": title,
                    "type": "payment",
                    "due_on": self.sample._date(due),
                    "amount": self.money(amount),
                }
                for title, due, amount in agreement.payments
            ],
            day_budget=[
                {"role": role, "days": days, "rate": self.money(rate)}
                for role, days, rate in agreement.budget
            ],
            value=self.money(str(value)) if value else None,
        )

    def submit(self) -> None:
        self.contract = self.do("submit_contract", Role.PARTNERSHIP_OFFICER, id=self.contract["id"])

    def approve(self) -> None:
        for role in self.contract["needed_roles"]:
            call_role = Role(role)
            if call_role is Role.PARTNERSHIP_OFFICER:
                call_role = Role.PARTNERSHIP_MANAGER
            self.contract = self.do("approve_contract", call_role, id=self.contract["id"])

    def send(self) -> None:
        self.contract = self.do(
            "send_for_signature",
            Role.PARTNERSHIP_OFFICER,
            id=self.contract["id"],
            terms_sha256=self.contract["terms_sha256"],
            document_sha256=self._document(),
        )

    def sign(self) -> None:
        for signatory in self.contract["signatories"]:
            self.contract = self.do(
                "record_signature",
                Role.PARTNERSHIP_OFFICER,
                id=self.contract["id"],
                signatory_id=signatory["id"],
                document_sha256=self._document(),
            )

    def activate(self) -> None:
        # A signed contract becomes active by itself on its first day, if that day is run.
        asked = {"id": self.contract["id"]}
        found = self.sample.calls.ask("contract", "get_contract", asked, Call())["body"]
        if found["state"] == "signed":
            self.do("activate_contract", Role.PARTNERSHIP_OFFICER, id=self.contract["id"])

    def cancel(self) -> None:
        self.do(
            "cancel_contract",
            Role.PARTNERSHIP_OFFICER,
            id=self.contract["id"],
            reason="Sample data: overtaken by a wider agreement",
        )

    def complete(self) -> None:
        self.do("complete_contract", Role.PARTNERSHIP_OFFICER, id=self.contract["id"])

    def engage(self) -> None:
        agreement, officer = self.agreement, Role.PARTNERSHIP_OFFICER
        role, days, rate = agreement.budget[0]
        self.consultant = self.do(
            "register_consultant",
            officer,
            name=f"Sample Consultant {self.number + 1}",
            email=f"consultant{self.number + 1}@example.org",
            expertise=[{"area": Area.ASSESSMENT, "level": 4}],
            languages=["en"],
            day_rates=[{"role": role, "rate": self.money(rate)}],
        )["id"]
        self.engagement = self.do(
            "plan_engagement",
            officer,
            contract_id=self.contract["id"],
            title=agreement.title,
            area=Area.ASSESSMENT,
            mode="hybrid",
            starts_on=self.sample._date(agreement.starts),
            ends_on=self.sample._date(agreement.ends),
            team=[{"consultant_id": self.consultant, "role": role, "planned_days": days}],
        )["id"]
        self.do("confirm_engagement", officer, id=self.engagement)

    def log(self) -> None:
        today = self.sample.clock.moment.date().isoformat()
        entry = self.do(
            "log_days",
            Role.CONSULTANT,
            id=self.engagement,
            consultant_id=self.consultant,
            worked_on=today,
            days="1.00",
            kind="remote",
        )
        self.do("submit_days", Role.CONSULTANT, id=entry["id"])
        self.do("approve_days", Role.PARTNERSHIP_OFFICER, id=entry["id"])

    def meet(self, place: int) -> None:
        self.do(
            "meet_milestone",
            Role.PARTNERSHIP_OFFICER,
            id=self.contract["id"],
            milestone_id=self.contract["milestones"][place]["milestone_id"],
            evidence="Sample data: made up",
        )

    def bill(self, place: int) -> None:
        milestone = self.contract["milestones"][place]["milestone_id"]
        invoices: list[dict[str, Any]] = []
        while not invoices:
            time.sleep(0.02)
            page = self.sample.calls.ask(
                "finance", "list_invoices", {"contract_id": self.contract["id"]}, Call()
            )
            invoices = [each for each in page["body"]["items"] if each["milestone_id"] == milestone]
        invoice = self.do("open_invoice", Role.FINANCE, id=invoices[0]["id"])
        if place < self.agreement.paid:
            self.do(
                "record_payment",
                Role.FINANCE,
                id=invoice["id"],
                amount=invoice["total"],
                received_on=self.sample.clock.moment.date().isoformat(),
            )

    def teach(self) -> None:
        lead = Role.PROGRAMME_LEAD
        start = self.sample.clock.moment + timedelta(days=1)
        programme = self.do(
            "design_programme",
            lead,
            contract_id=self.contract["id"],
            kind="workshop",
            title=f"Sample: {self.agreement.title}",
            capacity=5,
            outcomes=[
                {
                    "statement": "give feedback that helps to learn",
                    "domains": ["teaching_and_facilitating_learning"],
                }
            ],
            sessions=[
                {
                    "title": "First day",
                    "starts_at": start.isoformat(),
                    "ends_at": (start + timedelta(hours=6)).isoformat(),
                    "mandatory": True,
                }
            ],
            contributors=[
                {"name": "Sample Clinician", "kind": "clinician"},
                {"name": "Sample Learner", "kind": "learner"},
            ],
        )
        self.programme = programme
        self.do("publish_programme", lead, id=programme["id"])
        self.do("open_enrolment", lead, id=programme["id"])
        self.people = []
        for number in range(1, 7):
            person = self.do(
                "register_participant",
                lead,
                name=f"Sample Participant {number}",
                email=f"participant{number}.{self.number}@example.org",
                profession="Clinical teacher",
                partner_id=self.sample._partners[self.agreement.partner],
            )
            self.do("enrol", lead, id=programme["id"], participant_id=person["id"])
            self.people.append(person["id"])
        self.do("start_programme", lead, id=programme["id"])

    def close_programme(self) -> None:
        lead, programme = Role.PROGRAMME_LEAD, self.programme
        self.do(
            "record_attendance",
            lead,
            id=programme["id"],
            session_id=programme["sessions"][0]["id"],
            present_ids=self.people[:5],
        )
        self.do("deliver_programme", lead, id=programme["id"])
        for person in self.people[:5]:
            self.do(
                "evaluate",
                lead,
                id=programme["id"],
                participant_id=person,
                level="1",
                moment="after",
                ratings={"relevance": 5, "teaching": 4, "organisation": 4, "recommendation": 5},
            )
        self.do("complete_programme", lead, id=programme["id"])

    def _document(self) -> str:
        return hashlib.sha256(f"sample {self.number}".encode()).hexdigest()
