"""The contract service on a database of its own, driven by commands, queries and events."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.events.partner import Institution, PartnerApproved, PartnerProposed
from shared.events.vocabulary import RiskBand, Sector
from shared.identifiers import new_id
from shared.work import Actor, Call
from tests.alone import ServiceAlone
from tests.unit.contract.story import TODAY

OFFICER = Actor("officer-1", frozenset({"partnership_officer"}))
MANAGER = Actor("manager-1", frozenset({"partnership_manager"}))

BODY: dict[str, Any] = {
    "type": "statement_of_work",
    "title": "Assessment reform",
    "starts_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "value": {"amount": "60000.00", "currency": "GBP"},
    "milestones": [
        {
            "title": "Inception report",
            "type": "payment",
            "due_on": "2026-06-30",
            "amount": {"amount": "20000.00", "currency": "GBP"},
        },
        {
            "title": "Final report",
            "type": "payment",
            "due_on": "2027-03-31",
            "amount": {"amount": "40000.00", "currency": "GBP"},
        },
    ],
    "day_budget": [
        {"role": "educator", "days": "10", "rate": {"amount": "900.00", "currency": "GBP"}}
    ],
    "signatories": [
        {"name": "A. Provost", "email": "p@example.org", "side": "ours"},
        {"name": "ميسون", "email": "dean@example.org", "side": "theirs"},
    ],
}


class ContractOffice(ServiceAlone):
    def __init__(self, database: Database) -> None:
        super().__init__("contract", database, TODAY)

    def do(self, name: str, id: object = None, *, by: Actor = OFFICER, **body: Any) -> Any:
        target = {} if id is None else {"id": str(id)}
        return self.desk.execute(name, target | body, Call(actor=by))["body"]

    def ask(self, name: str, *, by: Actor = OFFICER, **parameters: Any) -> Any:
        return self.desk.ask(name, parameters, Call(actor=by))["body"]

    def knows_partner(
        self, name: str = "Partner university", partner_id: UUID | None = None
    ) -> UUID:
        partner_id = partner_id or new_id()
        institution = Institution(name, "JO", Sector.UNIVERSITY)
        self.hears(
            PartnerProposed(
                partner_id=partner_id,
                reference="PTR-2026-0001",
                institution=institution,
                sponsor_id="officer-1",
            ),
            PartnerApproved(
                partner_id=partner_id,
                reference="PTR-2026-0001",
                institution=institution,
                risk_band=RiskBand.LOW,
                due_diligence_until=date(2028, 1, 31),
            ),
        )
        return partner_id

    def drafts(self, **changes: Any) -> Any:
        body = BODY | changes
        if "partner_id" not in body:
            body["partner_id"] = str(self.knows_partner())
        return self.do("draft_contract", **body)

    def signs(self, contract: Any) -> Any:
        """From draft to signed, as people would do it."""
        id = contract["id"]
        self.do("submit_contract", id)
        approved = self.do("approve_contract", id, by=MANAGER)
        self.do(
            "send_for_signature",
            id,
            terms_sha256=approved["approved_sha256"],
            document_sha256="d" * 64,
        )
        for signatory in contract["signatories"]:
            signed = self.do(
                "record_signature", id, signatory_id=signatory["id"], document_sha256="d" * 64
            )
        return signed

    def has_active(self, **changes: Any) -> Any:
        signed = self.signs(self.drafts(**changes))
        self.day = date(2026, 4, 1)
        return self.do("activate_contract", signed["id"])
