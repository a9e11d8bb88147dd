"""Deliverables: documents promised to a partner, in versions, accepted or returned."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.engagement import Engagement
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    DeliverableAccepted,
    DeliverablePlanned,
    DeliverableReturned,
    DeliverableSubmitted,
)


class DeliverableState(StrEnum):
    PLANNED = "planned"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class DocumentVersion:
    """One submitted version; `sha256` of the document in lower-case hex, and where to find it."""

    number: int
    sha256: str
    link: str
    note: str
    submitted_by: str
    submitted_at: datetime


@dataclass(frozen=True)
class Answer:
    """What the partner said. `said_by`: who at the partner, where the office wrote the answer
    down; blank where the partner's own guest account gave it.
    """

    comments: str
    said_by: str
    recorded_by: str
    answered_on: date


@dataclass(frozen=True)
class KeptAnswer:
    """The answer to a version: `outcome` is accepted or returned."""

    version: int
    outcome: DeliverableState
    answer: Answer


@dataclass(eq=False, kw_only=True)
class Deliverable(Aggregate):
    kind: ClassVar[str] = "deliverable"
    id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    due_on: date
    milestone_id: UUID | None
    state: DeliverableState = DeliverableState.PLANNED
    documents: tuple[DocumentVersion, ...] = ()
    answers: tuple[KeptAnswer, ...] = ()
    version: int = 0

    @classmethod
    def plan(
        cls,
        id: UUID,
        engagement: Engagement,
        budget: ContractBudget,
        *,
        title: str,
        due_on: date,
        milestone_id: UUID | None,
    ) -> "Deliverable":
        """Raises Conflict after delivery, Invalid for a milestone of another contract and for a
        due date outside the contract's period.
        """
        engagement.require_before_delivery()
        budget.require_inside_period(due_on, due_on, "due_on")
        if milestone_id is not None:
            budget.require_milestone(milestone_id)
        deliverable = cls(
            id=id,
            engagement_id=engagement.id,
            contract_id=engagement.contract_id,
            partner_id=engagement.partner_id,
            title=title,
            due_on=due_on,
            milestone_id=milestone_id,
        )
        deliverable.record(
            DeliverablePlanned(**deliverable._whose(), due_on=due_on, milestone_id=milestone_id)
        )
        return deliverable

    @property
    def latest(self) -> DocumentVersion | None:
        return self.documents[-1] if self.documents else None

    def submit(self, sha256: str, *, link: str, note: str, by: str, at: datetime) -> None:
        """Put a new version before the partner; it takes the place of one not answered yet."""
        self._require(
            (DeliverableState.PLANNED, DeliverableState.SUBMITTED, DeliverableState.RETURNED),
            "submitted",
        )
        sha256 = _checked_sha256(sha256)
        if not (link.strip() or note.strip()):
            raise Invalid(
                "Say where the document is: give a link, or a note on where it is kept.",
                rule="document-can-be-found",
                field="link",
                accepted="a link or a note",
            )
        if self.latest is not None and self.latest.sha256 == sha256:
            raise Conflict(
                f"This is the same document as version {self.latest.number}; submit a changed one.",
                rule="changed-document",
                field="sha256",
            )
        document = DocumentVersion(len(self.documents) + 1, sha256, link, note, by, at)
        self.documents = (*self.documents, document)
        self.state = DeliverableState.SUBMITTED
        self.record(
            DeliverableSubmitted(
                **self._whose(), deliverable_version=document.number, sha256=document.sha256
            )
        )

    def accept(self, answer: Answer, today: date) -> None:
        """The partner takes the latest version."""
        document = self._keep(answer, DeliverableState.ACCEPTED, today)
        self.record(
            DeliverableAccepted(
                **self._whose(),
                deliverable_version=document.number,
                sha256=document.sha256,
                milestone_id=self.milestone_id,
                accepted_on=answer.answered_on,
            )
        )

    def send_back(self, answer: Answer, today: date) -> None:
        """The partner returns the latest version and says what to change."""
        if not answer.comments.strip():
            raise Invalid(
                "Say what should change, so that the next version can be accepted.",
                rule="comments-given",
                field="comments",
            )
        document = self._keep(answer, DeliverableState.RETURNED, today)
        self.record(
            DeliverableReturned(
                **self._whose(),
                deliverable_version=document.number,
                comments=answer.comments,
            )
        )

    def _keep(self, answer: Answer, outcome: DeliverableState, today: date) -> DocumentVersion:
        self._require((DeliverableState.SUBMITTED,), str(outcome))
        if answer.answered_on > today:
            raise Invalid(
                f"{answer.answered_on} has not come yet; give the date on which the partner "
                "answered.",
                rule="no-future-dates",
                field="answered_on",
                accepted=f"{today} or earlier",
            )
        document = self.documents[-1]
        self.answers = (*self.answers, KeptAnswer(document.number, outcome, answer))
        self.state = outcome
        return document

    def _whose(self) -> dict[str, Any]:
        return {
            "deliverable_id": self.id,
            "engagement_id": self.engagement_id,
            "contract_id": self.contract_id,
            "partner_id": self.partner_id,
            "title": self.title,
        }

    def _require(self, states: Collection[DeliverableState], done: str) -> None:
        if self.state in states:
            return
        accepted = " or ".join(states)
        raise Conflict(
            f"{self.title} is {self.state}; it can be {done} only while it is {accepted}.",
            rule="deliverable-lifecycle",
            field="state",
            accepted=accepted,
        )


def _checked_sha256(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise Invalid(
            "The document's SHA-256 is 64 hexadecimal signs; compute it from the file.",
            rule="sha256",
            field="sha256",
            accepted="64 hexadecimal signs",
        )
    return sha256.lower()
