"""The course of one contract of the sample, from draft to its end."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from services.demo.sample.agreements import Agreement
from shared.events.vocabulary import Area, Role

if TYPE_CHECKING:
    from services.demo.sample.history import History


class Course:
    """The course of one contract of the sample."""

    #: The states that a contract passes through, as far as the sample takes it.
    STATES = ("draft", "in_review", "approved", "out_for_signature", "signed", "active")

    def __init__(self, history: History, number: int, agreement: Agreement) -> None:
        self.history = history
        self.agreement = agreement
        self.number = number
        self.contract: dict[str, Any] = {}
        self.engagement = self.consultant = ""

    def plan(self) -> None:
        agreement, at = self.agreement, self.history.at
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
            until = min(agreement.ends, 0)
            every = (until - agreement.starts - 9) // agreement.days
            for day in range(agreement.days):
                at(agreement.starts + 8 + every * day, self.log)
        for place, (_, due, _) in enumerate(agreement.payments[: agreement.met]):
            at(due, lambda place=place: self.meet(place))  # type: ignore[misc]
            at(due + 1, lambda place=place: self.bill(place))  # type: ignore[misc]
        if agreement.budget and agreement.title.startswith(("Workshop", "Examiner", "Simulation")):
            at(agreement.starts + 40, self.teach)
            at(agreement.starts + 44, self.close_programme)
        if agreement.state == "completed":
            at(agreement.ends - 1, self.finish_work)
            at(agreement.ends, self.complete)

    def _reach(self) -> int:
        if self.agreement.state in self.STATES:
            return self.STATES.index(self.agreement.state)
        return 0 if self.agreement.state == "cancelled" else len(self.STATES) - 1

    def money(self, amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": self.agreement.currency}

    @property
    def consultant_account(self) -> str:
        return f"sample-consultant-{self.number + 1}"

    def do(self, name: str, role: Role, /, **body: Any) -> dict[str, Any]:
        return self.history.do(name, role, **body)

    def draft(self) -> None:
        agreement = self.agreement
        value = sum((Decimal(amount) for _, _, amount in agreement.payments), Decimal(0))
        self.contract = self.do(
            "draft_contract",
            Role.PARTNERSHIP_OFFICER,
            partner_id=self.history.partners[agreement.partner],
            type=agreement.type,
            title=f"Sample: {agreement.title}",
            starts_on=self.history.date(agreement.starts),
            ends_on=self.history.date(agreement.ends),
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
                    "due_on": self.history.date(due),
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
        found = self.history.ask("get_contract", Role.PARTNERSHIP_OFFICER, id=self.contract["id"])
        if found["state"] == "signed":
            self.do("activate_contract", Role.PARTNERSHIP_OFFICER, id=self.contract["id"])

    def cancel(self) -> None:
        self.do(
            "cancel_contract",
            Role.PARTNERSHIP_OFFICER,
            id=self.contract["id"],
            reason="Sample data: overtaken by a wider agreement",
        )

    def finish_work(self) -> None:
        """A contract is completed once nothing is open under it."""
        if self.engagement:
            self.do("deliver_engagement", Role.PARTNERSHIP_OFFICER, id=self.engagement)
            self.do("close_engagement", Role.PARTNERSHIP_OFFICER, id=self.engagement)

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
            account_id=self.consultant_account,
        )["id"]
        self.engagement = self.do(
            "plan_engagement",
            officer,
            contract_id=self.contract["id"],
            title=agreement.title,
            area=Area.ASSESSMENT,
            mode="hybrid",
            starts_on=self.history.date(agreement.starts),
            ends_on=self.history.date(agreement.ends),
            team=[{"consultant_id": self.consultant, "role": role, "planned_days": days}],
        )["id"]
        self.do("confirm_engagement", officer, id=self.engagement)

    def log(self) -> None:
        today = self.history.clock.moment.date().isoformat()
        entry = self.do(
            "log_days",
            Role.CONSULTANT,
            by=self.consultant_account,
            engagement_id=self.engagement,
            consultant_id=self.consultant,
            worked_on=today,
            days="1.00",
            kind="remote",
        )
        self.do("submit_days", Role.CONSULTANT, by=self.consultant_account, id=entry["id"])
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
            page = self.history.ask("list_invoices", Role.FINANCE, contract_id=self.contract["id"])
            invoices = [each for each in page["items"] if each["milestone_id"] == milestone]
        invoice = self.do("open_invoice", Role.FINANCE, id=invoices[0]["id"])
        if place < self.agreement.paid:
            self.do(
                "record_payment",
                Role.FINANCE,
                id=invoice["id"],
                amount=invoice["total"],
                received_on=self.history.clock.moment.date().isoformat(),
            )

    def teach(self) -> None:
        lead = Role.PROGRAMME_LEAD
        start = self.history.clock.moment + timedelta(days=1)
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
                partner_id=self.history.partners[self.agreement.partner],
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
