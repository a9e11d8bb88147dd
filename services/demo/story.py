"""The story: from a partner's proposal to a paid invoice and an evaluated programme.

The institution, people, fees, rates and dates are made up.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.demo.api import Api
from shared.events.vocabulary import Area, Role

Step = Callable[["Story"], str]

_STEPS: list[Step] = []

#: Days are logged on the last so many days before today.
DAYS_WORKED = 9


def step(play: Step) -> Step:
    """The next step; its docstring is the headline, what it returns says how it came out."""
    _STEPS.append(play)
    return play


class Story:
    """Plays over the API with one client for each role; may be played again from the start.

    today: the date on which the story was begun; ids and keys come from `series`, so that a story
    that was broken off goes on where it stood.
    """

    def __init__(self, apis: Mapping[Role, Api], today: date, series: UUID) -> None:
        self.apis = apis
        self.today = today
        self.series = series
        self.steps: tuple[Step, ...] = tuple(_STEPS)
        self.known: dict[str, Any] = {}

    def as_(self, role: Role) -> Api:
        return self.apis[role]

    def id(self, name: str) -> str:
        return str(uuid5(self.series, name))

    def mailbox(self, name: str) -> str:
        """An address of this story alone: a person is registered once on a platform."""
        return f"{name}.{self.series.hex[:8]}@example.org"

    def day(self, offset: int) -> str:
        return (self.today + timedelta(days=offset)).isoformat()

    def moment(self, offset: int, hour: int) -> str:
        day = self.today + timedelta(days=offset)
        return datetime.combine(day, time(hour), UTC).isoformat()


def pounds(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@step
def propose(story: Story) -> str:
    """A partner is proposed by the partnerships team"""
    partner = story.as_(Role.PARTNERSHIP_OFFICER).post(
        "/partners",
        id=story.id("partner"),
        # Nobody is entered twice, and the story may be played again on the same platform.
        legal_name=f"Demo University {story.series.hex[:8]}",
        local_name="جامعة تجريبية",
        country="EG",
        sector="university",
    )
    story.known["partner"] = f"/partners/{partner['id']}"
    return f"{partner['reference']} {partner['legal_name']} is a prospect."


@step
def assess_needs(story: Story) -> str:
    """Its needs are assessed in five areas"""
    levels = {
        Area.CURRICULUM_AND_FACULTY: (2, 4, 5),
        Area.STUDENTS: (3, 4, 2),
        Area.ASSESSMENT: (1, 4, 4),
        Area.QUALITY: (3, 4, 3),
        Area.POLICY: (3, 3, 1),
    }
    partner = story.as_(Role.PARTNERSHIP_OFFICER).post(
        f"{story.known['partner']}/needs",
        gaps=[
            {"area": area, "current": current, "target": target, "priority": priority}
            for area, (current, target, priority) in levels.items()
        ],
        aims="An integrated, competency-based programme with our own examiners.",
    )
    proposals = partner["needs"]["proposals"]
    return "Proposed: " + "; ".join(f"{p['service_line']} ({p['days']} days)" for p in proposals)


@step
def check(story: Story) -> str:
    """Due diligence is done: five checks and a risk band"""
    officer = story.as_(Role.PARTNERSHIP_OFFICER)
    officer.post(f"{story.known['partner']}/start-review")
    for name in ("legal", "finance", "sanctions", "ethics", "site_visit"):
        # The sponsor reviews and rates nothing, and the finance check is for finance.
        reviewer = Role.FINANCE if name == "finance" else Role.PARTNERSHIP_MANAGER
        story.as_(reviewer).post(
            f"{story.known['partner']}/checks",
            check=name,
            outcome="passed",
            evidence=f"File note on {name.replace('_', ' ')}",
            reviewed_on=story.day(-130),
        )
    partner = story.as_(Role.PARTNERSHIP_MANAGER).post(
        f"{story.known['partner']}/risk", band="medium", reason="New country for the office"
    )
    return f"All five passed, valid until {partner['due_diligence_until']}; risk medium."


@step
def approve_partner(story: Story) -> str:
    """A manager approves the partner; the sponsor could not"""
    partner = story.as_(Role.PARTNERSHIP_MANAGER).post(f"{story.known['partner']}/approve")
    return f"{partner['reference']} is {partner['state']}."


@step
def draft(story: Story) -> str:
    """A contract is drafted: value, period, milestones that sum to it, a day budget by role"""
    contract = story.as_(Role.PARTNERSHIP_OFFICER).post(
        "/contracts",
        id=story.id("contract"),
        partner_id=story.id("partner"),
        type="statement_of_work",
        title="Assessment redesign and examiner training",
        starts_on=story.day(-120),
        ends_on=story.day(245),
        value=pounds("125000.00"),
        milestones=[
            {
                "title": "Assessment blueprint accepted",
                "type": "payment",
                "due_on": story.day(-10),
                "amount": pounds("75000.00"),
            },
            {
                "title": "First cohort of examiners certified",
                "type": "payment",
                "due_on": story.day(200),
                "amount": pounds("50000.00"),
            },
        ],
        day_budget=[
            {"role": "lead consultant", "days": "10", "rate": pounds("900.00")},
            {"role": "educator", "days": "20", "rate": pounds("650.00")},
        ],
        expense_cap=pounds("8000.00"),
        purchase_order="PO-4711",
        signatories=[
            {"name": "A. Director", "email": "director@example.org", "side": "ours", "order": 1},
            {"name": "B. Dean", "email": "dean@example.org", "side": "theirs", "order": 2},
        ],
    )
    story.known |= {
        "contract": f"/contracts/{contract['id']}",
        "reference": contract["reference"],
        "milestones": contract["milestones"],
        "signatories": contract["signatories"],
    }
    return f"{contract['reference']}: £125,000.00 in two payments, 30 days in two roles."


@step
def approve_contract(story: Story) -> str:
    """It is reviewed and approved by others than its author"""
    contract = story.known["contract"]
    submitted = story.as_(Role.PARTNERSHIP_OFFICER).post(f"{contract}/submit")
    for role in submitted["needed_roles"]:
        approved = story.as_(Role(role)).post(f"{contract}/approve")
    return f"Approved by {' and '.join(submitted['needed_roles'])}: {approved['state']}.".replace(
        "_", " "
    )


@step
def sign(story: Story) -> str:
    """Both sides sign what was approved, one after the other"""
    officer, contract = story.as_(Role.PARTNERSHIP_OFFICER), story.known["contract"]
    approved = officer.get(contract)
    document = sha256(f"the signed document of {story.series}")
    officer.post(
        f"{contract}/send-for-signature",
        terms_sha256=approved["terms_sha256"],
        document_sha256=document,
        in_sequence=True,
    )
    for signatory in story.known["signatories"]:
        signed = officer.post(
            f"{contract}/signatures",
            signatory_id=signatory["id"],
            document_sha256=document,
            signed_on=story.day(0),
        )
    return f"{signed['reference']} is {signed['state']}."


@step
def activate(story: Story) -> str:
    """The contract is activated; everybody else learns of it by the event alone"""
    contract = story.as_(Role.PARTNERSHIP_OFFICER).post(f"{story.known['contract']}/activate")
    return f"{contract['reference']} is {contract['state']}."


@step
def plan(story: Story) -> str:
    """An engagement is planned against the day budget"""
    officer = story.as_(Role.PARTNERSHIP_OFFICER)
    consultant = officer.post(
        "/consultants",
        id=story.id("consultant"),
        name="Dr C. Clinician",
        email=story.mailbox("clinician"),
        expertise=[{"area": Area.ASSESSMENT, "level": 5}],
        languages=["en", "ar"],
        day_rates=[{"role": "lead consultant", "rate": pounds("900.00")}],
        account_id=story.as_(Role.AUDITOR).get("/tokens", role="consultant")["items"][0]["id"],
    )
    engagement = officer.post(
        "/engagements",
        id=story.id("engagement"),
        contract_id=story.id("contract"),
        title="Assessment blueprint",
        area=Area.ASSESSMENT,
        mode="hybrid",
        starts_on=story.day(-60),
        ends_on=story.day(60),
        team=[
            {
                "consultant_id": consultant["id"],
                "role": "lead consultant",
                "planned_days": "10",
            }
        ],
    )
    story.known["engagement"] = f"/engagements/{engagement['id']}"
    deliverable = officer.post(
        f"{story.known['engagement']}/deliverables",
        id=story.id("deliverable"),
        title="Assessment blueprint",
        due_on=story.day(-10),
        milestone_id=story.known["milestones"][0]["milestone_id"],
    )
    story.known["deliverable"] = f"/deliverables/{deliverable['id']}"
    officer.post(f"{story.known['engagement']}/confirm")
    return f"{engagement['reference']}: 10 days of a lead consultant, one deliverable."


@step
def log_days(story: Story) -> str:
    """A consultant logs days; somebody else approves them; the burn-down moves and alerts"""
    consultant, officer = story.as_(Role.CONSULTANT), story.as_(Role.PARTNERSHIP_OFFICER)
    for number in range(DAYS_WORKED):
        entry = consultant.post(
            f"{story.known['engagement']}/days",
            id=story.id(f"day {number}"),
            consultant_id=story.id("consultant"),
            worked_on=story.day(number - DAYS_WORKED),
            days="1.00",
            kind="remote",
        )
        consultant.post(f"/days/{entry['id']}/submit")
        officer.post(f"/days/{entry['id']}/approve")
    return f"{DAYS_WORKED} of 10 days of the lead consultant are logged and approved."


@step
def accept(story: Story) -> str:
    """The deliverable is accepted: its milestone is met, the invoice-ready pack reaches finance"""
    document = sha256(f"the blueprint of {story.series}")
    story.as_(Role.CONSULTANT).post(
        f"{story.known['deliverable']}/submit", sha256=document, note="Version for acceptance"
    )
    accepted = story.as_(Role.PARTNERSHIP_OFFICER).post(
        f"{story.known['deliverable']}/accept",
        comments="Accepted by the curriculum committee",
        said_by="Dean of Medicine",
    )
    return f"{accepted['title']} is {accepted['state']}."


@step
def bill(story: Story) -> str:
    """Finance issues the invoice and is paid"""
    finance = story.as_(Role.FINANCE)
    (invoice,) = finance.get("/invoices", contract_id=story.id("contract"))["items"]
    path = f"/invoices/{invoice['id']}"
    issued = finance.post(f"{path}/open")
    paid = finance.post(
        f"{path}/payments",
        amount=pounds("75000.00"),
        received_on=story.day(0),
        bank_reference=f"Made-up transfer {story.series.hex[:8]}",
    )
    return f"{issued['number']} over £75,000.00 is {paid['state']}."


@step
def show(story: Story) -> str:
    """The contract and the partner's timeline show it"""
    officer = story.as_(Role.PARTNERSHIP_OFFICER)
    contract = officer.get(f"/contracts/{story.id('contract')}")
    milestones = [f"{each['title']}: {each['billing']}" for each in contract["milestones"]]
    path = f"/partners/{story.id('partner')}/timeline"
    latest = officer.get(path, kind="finance", limit=1)["items"][0]
    return f"{'; '.join(milestones).replace('_', ' ')}. Last of all: {latest['sentence']}"


@step
def teach(story: Story) -> str:
    """A programme for the partner's staff is designed, published and filled"""
    lead = story.as_(Role.PROGRAMME_LEAD)
    programme = lead.post(
        "/programmes",
        contract_id=story.id("contract"),
        kind="workshop",
        title="Becoming an examiner",
        capacity=6,
        outcomes=[{"statement": "set a fair pass mark", "domains": ["assessment_of_learning"]}],
        sessions=[
            {
                "title": "Standard setting",
                "starts_at": story.moment(-3, 9),
                "ends_at": story.moment(-3, 12),
                "mandatory": True,
            },
            {
                "title": "Practice with real stations",
                "starts_at": story.moment(-2, 9),
                "ends_at": story.moment(-2, 12),
                "mandatory": False,
            },
        ],
        contributors=[
            {"name": "Dr C. Clinician", "kind": "clinician"},
            {"name": "D. Student", "kind": "learner"},
        ],
    )
    path = f"/programmes/{programme['id']}"
    story.known |= {"programme": path, "sessions": programme["sessions"]}
    lead.post(f"{path}/publish")
    lead.post(f"{path}/open-enrolment")
    people = []
    for number in range(1, 8):
        person = lead.post(
            "/participants",
            name=f"Participant {number}",
            email=story.mailbox(f"participant{number}"),
            profession="Lecturer",
            partner_id=story.id("partner"),
        )
        lead.post(f"{path}/enrolments", participant_id=person["id"])
        people.append(person["id"])
    story.known["people"] = people[:6]
    return f"{programme['reference']}: 6 places taken, 1 on the waiting list."


@step
def certify(story: Story) -> str:
    """It runs; attendance is recorded; certificates are issued"""
    lead, path = story.as_(Role.PROGRAMME_LEAD), story.known["programme"]
    lead.post(f"{path}/start")
    for number, session in enumerate(story.known["sessions"]):
        present = story.known["people"] if number == 0 else story.known["people"][:5]
        lead.put(f"{path}/sessions/{session['id']}/attendance", present_ids=present)
    lead.post(f"{path}/deliver")
    issued = lead.get("/certificates", programme_id=path.rpartition("/")[2])["items"]
    return f"{len(issued)} certificates; who missed half of it has none."


@step
def evaluate(story: Story) -> str:
    """Evaluation comes back and the programme is completed"""
    lead, path = story.as_(Role.PROGRAMME_LEAD), story.known["programme"]
    for number, person in enumerate(story.known["people"][:5]):
        lead.post(
            f"{path}/evaluations",
            participant_id=person,
            level="1",
            moment="after",
            ratings={
                "relevance": 5,
                "teaching": 4 + number % 2,
                "organisation": 4,
                "recommendation": 5,
            },
        )
    completed = lead.post(f"{path}/complete")
    return f"{completed['reference']} is {completed['state']}."
