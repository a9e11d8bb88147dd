"""The office's main job, played with a client that was generated from the OpenAPI document.

`test_generated_client` checks this file with ``mypy --strict``: what an answer always has is used
without asking whether it is there.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from entente_client import AuthenticatedClient
from entente_client.api.consultancy import (
    consultancy_accept_deliverable,
    consultancy_approve_days,
    consultancy_confirm_engagement,
    consultancy_get_deliverable,
    consultancy_log_days,
    consultancy_plan_deliverable,
    consultancy_plan_engagement,
    consultancy_register_consultant,
    consultancy_submit_days,
    consultancy_submit_deliverable,
)
from entente_client.api.contract import (
    contract_activate_contract,
    contract_approve_contract,
    contract_draft_contract,
    contract_get_burn_down,
    contract_get_contract,
    contract_record_signature,
    contract_send_for_signature,
    contract_submit_contract,
)
from entente_client.api.faculty import (
    faculty_deliver_programme,
    faculty_design_programme,
    faculty_enrol,
    faculty_get_certificate,
    faculty_get_enrolment,
    faculty_list_certificates,
    faculty_open_enrolment,
    faculty_publish_programme,
    faculty_record_attendance,
    faculty_register_participant,
    faculty_start_programme,
)
from entente_client.api.finance import (
    finance_list_invoices,
    finance_open_invoice,
    finance_record_payment,
)
from entente_client.api.partner import (
    partner_approve_partner,
    partner_propose_partner,
    partner_rate_risk,
    partner_record_check,
    partner_start_review,
)
from entente_client.models import (
    Area,
    ConsultancyAnswerBody,
    ConsultancyNewConsultant,
    ConsultancyNewDeliverable,
    ConsultancyNewEngagement,
    ConsultancyNewEntry,
    ConsultancyNewVersion,
    ConsultancyTeamMemberBody,
    ContractBudgetLineBody,
    ContractDraft,
    ContractMilestoneBody,
    ContractSending,
    ContractSignatoryBody,
    ContractSignatureBody,
    ContractType,
    DayKind,
    FacultyAttendanceBody,
    FacultyContributorBody,
    FacultyContributorKind,
    FacultyEducatorDomain,
    FacultyNewEnrolment,
    FacultyNewParticipant,
    FacultyNewProgramme,
    FacultyOutcomeBody,
    FacultySessionBody,
    FinanceIssueBody,
    FinancePaymentBody,
    MilestoneType,
    Money,
    PartnerCheck,
    PartnerCheckBody,
    PartnerOutcome,
    PartnerProposal,
    PartnerRiskRating,
    Problem,
    ProgrammeKind,
    RiskBand,
    Sector,
    Side,
    WorkMode,
)
from entente_client.models import ConsultancyDeliverableView as _Deliverable
from entente_client.models import ConsultancyEngagementView as _Engagement
from entente_client.models import ContractContractView as _Contract
from entente_client.models import FacultyCertificateView as _Certificate
from entente_client.models import FacultyParticipantView as _Participant
from entente_client.models import FacultyProgrammeView as _Programme
from entente_client.models import FinanceInvoiceSummaryPage as _Invoices
from entente_client.types import Response

T = TypeVar("T")

#: Seconds for which is tried again what a service has not heard of yet.
PATIENCE = 30.0
_PASSING = {"partner-known", "partner-approved", "contract-active", "exists", "too-busy"}

#: A SHA-256, as a document would have it.
DOCUMENT = "5f" * 32


@dataclass(frozen=True)
class Clients:
    """One for each role; `consultant_account` is the account of the consultant's token."""

    officer: AuthenticatedClient
    manager: AuthenticatedClient
    finance: AuthenticatedClient
    lead: AuthenticatedClient
    consultant: AuthenticatedClient
    consultant_account: str

    def of(self, role: str) -> AuthenticatedClient:
        return {
            "partnership_officer": self.officer,
            "partnership_manager": self.manager,
            "finance": self.finance,
        }[role]


@dataclass(frozen=True)
class Outcome:
    """What it came to: the invoice's state, and the name on the certificate."""

    invoice: str
    certified: str


def play(clients: Clients, today: date) -> Outcome:
    """From a partner's proposal to a paid invoice and a certificate."""
    partner_id = _partner(clients)
    contract_id, milestone_id = _contract(clients, partner_id, today)
    _engagement(clients, contract_id, milestone_id, today)
    invoice = _invoice(clients, contract_id, today)
    return Outcome(invoice, _programme(clients, partner_id, contract_id, today))


def _made(response: Response[T | Problem]) -> T:
    """What the API answered, unless it is a problem."""
    if isinstance(response.parsed, Problem) or response.parsed is None:
        raise AssertionError(response.content.decode())
    return response.parsed


def _when_known(attempt: Callable[[], Response[T | Problem]]) -> T:
    """As `_made`; tried again while a service has not heard of what it needs."""
    deadline = time.monotonic() + PATIENCE
    while True:
        response = attempt()
        problem = response.parsed
        if not isinstance(problem, Problem) or problem.rule not in _PASSING:
            return _made(response)
        if time.monotonic() > deadline:
            return _made(response)
        time.sleep(0.05)


def _tag(response: Response[T]) -> str:
    return response.headers["ETag"]


def _pounds(amount: str) -> Money:
    return Money(amount=amount, currency="GBP")


def _partner(clients: Clients) -> UUID:
    proposal = PartnerProposal(
        legal_name="Wadi Rahma University", country="EG", sector=Sector.UNIVERSITY
    )
    response = partner_propose_partner.sync_detailed(client=clients.officer, body=proposal)
    partner = _made(response)
    assert response.headers["Location"].endswith(f"/partners/{partner.id}")
    assert [each.reference for each in partner.similar] == []
    started = partner_start_review.sync_detailed(
        partner.id, client=clients.officer, if_match=_tag(response)
    )
    assert _made(started).state.value == "under_review"
    for check in PartnerCheck:
        reviewer = clients.finance if check is PartnerCheck.FINANCE else clients.manager
        review = PartnerCheckBody(
            check=check, outcome=PartnerOutcome.PASSED, evidence=f"File note on {check}"
        )
        reviewed = partner_record_check.sync_detailed(partner.id, client=reviewer, body=review)
    rated = partner_rate_risk.sync_detailed(
        partner.id,
        client=clients.manager,
        body=PartnerRiskRating(band=RiskBand.LOW, reason="Known for years"),
        if_match=_tag(reviewed),
    )
    approved = _made(
        partner_approve_partner.sync_detailed(
            partner.id, client=clients.manager, if_match=_tag(rated)
        )
    )
    assert approved.institution.legal_name == "Wadi Rahma University"
    assert approved.needs is None
    return approved.id


def _contract(clients: Clients, partner_id: UUID, today: date) -> tuple[UUID, UUID]:
    """The ids of an active contract and of its only milestone."""
    draft = ContractDraft(
        partner_id=partner_id,
        type_=ContractType.STATEMENT_OF_WORK,
        title="Assessment redesign",
        starts_on=today - timedelta(days=120),
        ends_on=today + timedelta(days=240),
        value=_pounds("75000.00"),
        milestones=[
            ContractMilestoneBody(
                title="Blueprint accepted",
                type_=MilestoneType.PAYMENT,
                due_on=today + timedelta(days=10),
                amount=_pounds("75000.00"),
            )
        ],
        day_budget=[
            ContractBudgetLineBody(role="lead consultant", days="10", rate=_pounds("900.00"))
        ],
        signatories=[
            ContractSignatoryBody(name="A. Director", email="a@example.org", side=Side.OURS),
            ContractSignatoryBody(name="B. Dean", email="b@example.org", side=Side.THEIRS, order=2),
        ],
    )

    def drafted() -> Response[_Contract | Problem]:
        return contract_draft_contract.sync_detailed(client=clients.officer, body=draft)

    contract = _when_known(drafted)
    read = contract_get_contract.sync_detailed(contract.id, client=clients.officer)
    submitted = contract_submit_contract.sync_detailed(
        contract.id, client=clients.officer, if_match=_tag(read)
    )
    tag = _tag(submitted)
    for role in _made(submitted).needed_roles or []:
        approved = contract_approve_contract.sync_detailed(
            contract.id, client=clients.of(role), if_match=tag
        )
        tag = _tag(approved)
    assert contract.terms_sha256 is not None  # an officer sees amounts
    sent = contract_send_for_signature.sync_detailed(
        contract.id,
        client=clients.officer,
        body=ContractSending(
            terms_sha256=contract.terms_sha256, document_sha256=DOCUMENT, in_sequence=True
        ),
        if_match=tag,
    )
    for signatory in _made(sent).signatories or []:
        signed = contract_record_signature.sync_detailed(
            contract.id,
            client=clients.officer,
            body=ContractSignatureBody(signatory_id=signatory.id, document_sha256=DOCUMENT),
        )
    active = _made(
        contract_activate_contract.sync_detailed(
            contract.id, client=clients.officer, if_match=_tag(signed)
        )
    )
    assert active.value is not None
    assert (active.state.value, active.value.amount) == ("active", "75000.00")
    (milestone,) = active.milestones
    return active.id, milestone.milestone_id


def _engagement(clients: Clients, contract_id: UUID, milestone_id: UUID, today: date) -> None:
    """A day is logged and approved; the deliverable is accepted, which meets the milestone."""
    consultant = _made(
        consultancy_register_consultant.sync_detailed(
            client=clients.officer,
            body=ConsultancyNewConsultant(
                name="Dr C. Clinician",
                email="c@example.org",
                account_id=clients.consultant_account,
            ),
        )
    )
    plan = ConsultancyNewEngagement(
        contract_id=contract_id,
        area=Area.ASSESSMENT_DESIGN,
        title="Blueprint",
        mode=WorkMode.HYBRID,
        starts_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=60),
        team=[
            ConsultancyTeamMemberBody(
                consultant_id=consultant.id, role="lead consultant", planned_days="5"
            )
        ],
    )

    def planned() -> Response[_Engagement | Problem]:
        return consultancy_plan_engagement.sync_detailed(client=clients.officer, body=plan)

    engagement = _when_known(planned)
    promised = consultancy_plan_deliverable.sync_detailed(
        engagement.id,
        client=clients.officer,
        body=ConsultancyNewDeliverable(title="Blueprint", due_on=today, milestone_id=milestone_id),
    )
    deliverable = _made(promised)
    assert promised.headers["Location"].endswith(f"/deliverables/{deliverable.id}")
    _made(
        consultancy_confirm_engagement.sync_detailed(
            engagement.id, client=clients.officer, if_match="*"
        )
    )
    logged = consultancy_log_days.sync_detailed(
        engagement.id,
        client=clients.consultant,
        body=ConsultancyNewEntry(
            consultant_id=consultant.id,
            worked_on=today - timedelta(days=1),
            days="1.00",
            kind=DayKind.REMOTE,
        ),
    )
    entry = _made(logged)
    assert logged.status_code == 201
    handed_in = consultancy_submit_days.sync_detailed(
        entry.id, client=clients.consultant, if_match=_tag(logged)
    )
    approved = consultancy_approve_days.sync_detailed(
        entry.id, client=clients.officer, if_match=_tag(handed_in)
    )
    assert _made(approved).days == "1"
    submitted = consultancy_submit_deliverable.sync_detailed(
        deliverable.id,
        client=clients.consultant,
        body=ConsultancyNewVersion(sha256=DOCUMENT, note="On the shared drive"),
        if_match=_tag(promised),
    )
    _made(
        consultancy_accept_deliverable.sync_detailed(
            deliverable.id,
            client=clients.officer,
            body=ConsultancyAnswerBody(said_by="Dean of Medicine"),
            if_match=_tag(submitted),
        )
    )
    read: _Deliverable = _made(
        consultancy_get_deliverable.sync_detailed(deliverable.id, client=clients.consultant)
    )
    (document,) = read.documents
    assert (document.sha256, document.link) == (DOCUMENT, None)
    burnt = _made(contract_get_burn_down.sync_detailed(contract_id, client=clients.officer))
    assert burnt.roles[0].role == "lead consultant"


def _invoice(clients: Clients, contract_id: UUID, today: date) -> str:
    """The state of the contract's invoice after it was paid."""

    def invoices() -> _Invoices:
        return _made(
            finance_list_invoices.sync_detailed(client=clients.finance, contract_id=contract_id)
        )

    deadline = time.monotonic() + PATIENCE
    while not (page := invoices()).items and time.monotonic() < deadline:
        time.sleep(0.05)
    assert page.next_ is None
    (invoice,) = page.items
    issued = finance_open_invoice.sync_detailed(
        invoice.id, client=clients.finance, body=FinanceIssueBody(), if_match="*"
    )
    owed = _made(issued).outstanding
    assert owed is not None
    paid = finance_record_payment.sync_detailed(
        invoice.id,
        client=clients.finance,
        body=FinancePaymentBody(amount=owed, received_on=today),
        if_match=_tag(issued),
    )
    assert [each.kind.value for each in _made(paid).payments] == ["received"]
    return _made(paid).state.value


def _programme(clients: Clients, partner_id: UUID, contract_id: UUID, today: date) -> str:
    """The name on the certificate of a programme's only participant."""
    lead = clients.lead
    morning = datetime(today.year, today.month, today.day, 9, tzinfo=UTC) - timedelta(days=2)

    def designed() -> Response[_Programme | Problem]:
        return faculty_design_programme.sync_detailed(
            client=lead,
            body=FacultyNewProgramme(
                contract_id=contract_id,
                kind=ProgrammeKind.WORKSHOP,
                title="Becoming an examiner",
                capacity=6,
                outcomes=[
                    FacultyOutcomeBody(
                        statement="set a fair pass mark",
                        domains=[FacultyEducatorDomain.ASSESSMENT_OF_LEARNING],
                    )
                ],
                contributors=[
                    FacultyContributorBody(
                        name="Dr C. Clinician", kind=FacultyContributorKind.CLINICIAN
                    ),
                    FacultyContributorBody(name="D. Student", kind=FacultyContributorKind.LEARNER),
                ],
                sessions=[
                    FacultySessionBody(
                        title="Standard setting",
                        starts_at=morning,
                        ends_at=morning + timedelta(hours=3),
                        mandatory=True,
                    )
                ],
            ),
        )

    programme = _when_known(designed)
    _made(faculty_publish_programme.sync_detailed(programme.id, client=lead, if_match="*"))
    _made(faculty_open_enrolment.sync_detailed(programme.id, client=lead, if_match="*"))

    def registered() -> Response[_Participant | Problem]:
        return faculty_register_participant.sync_detailed(
            client=lead,
            body=FacultyNewParticipant(
                name="Noor Haddad",
                email="noor@example.org",
                profession="Lecturer",
                partner_id=partner_id,
            ),
        )

    participant = _when_known(registered)
    enrolment = _made(
        faculty_enrol.sync_detailed(
            programme.id, client=lead, body=FacultyNewEnrolment(participant_id=participant.id)
        )
    )
    read = faculty_get_enrolment.sync_detailed(programme.id, enrolment.id, client=lead)
    assert _made(read).state == enrolment.state
    _made(faculty_start_programme.sync_detailed(programme.id, client=lead, if_match="*"))
    (session,) = programme.sessions
    attended = faculty_record_attendance.sync_detailed(
        programme.id,
        session.id,
        client=lead,
        body=FacultyAttendanceBody(present_ids=[participant.id]),
        if_match="*",
    )
    _made(
        faculty_deliver_programme.sync_detailed(programme.id, client=lead, if_match=_tag(attended))
    )
    certificates = faculty_list_certificates.sync_detailed(client=lead, programme_id=programme.id)
    (issued,) = _made(certificates).items
    # With 304, which has no body, the client's type for what is read is also Any.
    certificate: _Certificate = _made(faculty_get_certificate.sync_detailed(issued.id, client=lead))
    assert (certificate.revoked_on, certificate.hours) == (None, issued.hours)
    return certificate.name


def _asked(address: str, tokens: dict[str, dict[str, str]], today: str) -> Outcome:
    """tokens: by role, each with `id` and `secret`."""

    def client(role: str) -> AuthenticatedClient:
        return AuthenticatedClient(address, tokens[role]["secret"])

    clients = Clients(
        officer=client("partnership_officer"),
        manager=client("partnership_manager"),
        finance=client("finance"),
        lead=client("programme_lead"),
        consultant=client("consultant"),
        consultant_account=tokens["consultant"]["id"],
    )
    return play(clients, date.fromisoformat(today))


if __name__ == "__main__":
    outcome = _asked(**json.load(sys.stdin))
    json.dump(asdict(outcome), sys.stdout)
