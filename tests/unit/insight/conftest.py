"""One partner's story as its services publish it, and an insight that has heard it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.events import consultancy, contract, faculty, finance, partner
from shared.events.consultancy import LoggedDays
from shared.events.contract import ContractTerms, MilestoneTerms
from shared.events.partner import Institution
from shared.events.vocabulary import ContractType, DayKind, MilestoneType, Sector
from shared.identifiers import new_id
from shared.money import Money
from tests.unit.insight.platform import Insight, Logs
from tests.unit.insight.samples import sample


@dataclass
class Story:
    """A partner, its contract with one payment, an engagement, a programme and an invoice."""

    logs: Logs = field(default_factory=Logs)
    partner_id: UUID = field(default_factory=new_id)
    contract_id: UUID = field(default_factory=new_id)
    milestone_id: UUID = field(default_factory=new_id)
    programme_id: UUID = field(default_factory=new_id)
    engagement_id: UUID = field(default_factory=new_id)
    invoice_id: UUID = field(default_factory=new_id)
    name: str = "Universidad de Córdoba"
    reference: str = "CTR-2026-0042"

    @property
    def terms(self) -> ContractTerms:
        return ContractTerms(
            version=1,
            type=ContractType.STATEMENT_OF_WORK,
            title="Assessment renewal",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 5, 15),
            value=Money.of(40_000, "GBP"),
            milestones=(
                MilestoneTerms(
                    milestone_id=self.milestone_id,
                    title="Final report",
                    type=MilestoneType.PAYMENT,
                    due_on=date(2026, 3, 20),
                    amount=Money.of(40_000, "GBP"),
                ),
            ),
        )

    def partner_approved(self) -> None:
        subject = f"partner/{self.partner_id}"
        whose: dict[str, Any] = {"partner_id": self.partner_id}
        institution = Institution(legal_name=self.name, country="ES", sector=Sector.UNIVERSITY)
        named: dict[str, Any] = {"reference": "PTR-2026-0007", "institution": institution, **whose}
        self.logs.publish(subject, sample(partner.PartnerProposed, sparse=True, **named))
        self.logs.publish(subject, sample(partner.PartnerRiskRated, **whose))
        self.logs.publish(subject, sample(partner.PartnerApproved, **named))

    def contract_activated(self) -> None:
        subject = f"contract/{self.contract_id}"
        which: dict[str, Any] = {"contract_id": self.contract_id}
        named: dict[str, Any] = {
            "reference": self.reference,
            "partner_id": self.partner_id,
            "terms": self.terms,
            **which,
        }
        self.logs.publish(subject, sample(contract.ContractDrafted, **named))
        self.logs.publish(subject, sample(contract.ContractSubmitted, **which))
        self.logs.publish(subject, sample(contract.ContractSigned, **which))
        self.logs.publish(subject, sample(contract.ContractActivated, **named))

    def milestone_met(self) -> None:
        self.logs.publish(
            f"contract/{self.contract_id}",
            sample(
                contract.MilestoneMet,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                milestone_id=self.milestone_id,
                title="Final report",
            ),
        )

    def days_approved(self) -> None:
        whose: dict[str, Any] = {"contract_id": self.contract_id, "partner_id": self.partner_id}
        self.logs.publish(
            f"engagement/{self.engagement_id}",
            sample(consultancy.EngagementPlanned, engagement_id=self.engagement_id, **whose),
        )
        entry = sample_entry(engagement_id=self.engagement_id, **whose)
        self.logs.publish(
            f"day_entry/{entry.entry_id}", sample(consultancy.DaysApproved, entry=entry)
        )

    def programme_run(self) -> None:
        subject = f"programme/{self.programme_id}"
        which: dict[str, Any] = {"programme_id": self.programme_id}
        self.logs.publish(
            subject,
            sample(
                faculty.ProgrammeDesigned,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                title="Teaching skills",
                **which,
            ),
        )
        self.logs.publish(subject, sample(faculty.ParticipantEnrolled, **which))
        self.logs.publish(
            f"certificate/{new_id()}", sample(faculty.CertificateIssued, hours=Decimal(6), **which)
        )

    def invoice_opened(self, due_on: date = date(2026, 3, 25)) -> None:
        which: dict[str, Any] = {
            "invoice_id": self.invoice_id,
            "contract_id": self.contract_id,
            "partner_id": self.partner_id,
        }
        subject = f"invoice/{self.invoice_id}"
        self.logs.publish(subject, sample(finance.InvoiceDrafted, **which))
        self.logs.publish(
            subject,
            sample(
                finance.InvoiceOpened,
                number="INV-2026-0001",
                total=Money.of(40_000, "GBP"),
                due_on=due_on,
                **which,
            ),
        )

    def tell_all(self) -> None:
        self.partner_approved()
        self.contract_activated()
        self.days_approved()
        self.programme_run()
        self.milestone_met()
        self.invoice_opened()


def sample_entry(*, consultant_id: UUID | None = None, **given: UUID) -> LoggedDays:
    return LoggedDays(
        entry_id=new_id(),
        consultant_id=consultant_id or new_id(),
        role="adviser",
        worked_on=date(2026, 2, 2),
        days=Decimal("0.5"),
        kind=DayKind.REMOTE,
        chargeable=True,
        **given,
    )


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def insight(tmp_path: Path) -> Insight:
    return Insight(tmp_path)
