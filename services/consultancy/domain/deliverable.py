"""Deliverables: documents promised to a partner, in versions, accepted, returned or dropped."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.documents import (
    OPEN,
    Answer,
    DeliverableState,
    DocumentVersion,
    KeptAnswer,
    checked_sha256,
)
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.promise import Promise
from shared.aggregate import Aggregate
from shared.dates import check_happened, earliest_current
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.consultancy import (
    AcceptedDocument,
    DeliverableAccepted,
    DeliverableAnswerWithdrawn,
    DeliverableChanged,
    DeliverableDropped,
    DeliverablePlanned,
    DeliverableRestored,
    DeliverableReturned,
    DeliverableSubmissionWithdrawn,
    DeliverableSubmitted,
    MilestoneDocuments,
)


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
    drop_reason: str = ""
    version: int = 0

    @classmethod
    def plan(
        cls, id: UUID, engagement: Engagement, budget: ContractBudget, promise: Promise
    ) -> "Deliverable":
        """Raises Conflict after delivery; Invalid as `Promise.check`."""
        engagement.require_before_delivery()
        promise.check(engagement, budget)
        deliverable = cls(
            id=id,
            engagement_id=engagement.id,
            contract_id=engagement.contract_id,
            partner_id=engagement.partner_id,
            **vars(promise),
        )
        deliverable.record(
            DeliverablePlanned(
                **deliverable._whose(),
                due_on=promise.due_on,
                milestone_id=promise.milestone_id,
            )
        )
        return deliverable

    @property
    def promise(self) -> Promise:
        return Promise(self.title, self.due_on, self.milestone_id)

    @property
    def latest(self) -> DocumentVersion | None:
        """The last version that was not taken back."""
        return next((each for each in reversed(self.documents) if not each.withdrawn), None)

    @property
    def standing_answer(self) -> KeptAnswer | None:
        """The partner's answer to the latest version."""
        latest = self.latest
        return next(
            (
                each
                for each in reversed(self.answers)
                if latest and each.version == latest.number and not each.withdrawn
            ),
            None,
        )

    def change(
        self,
        promise: Promise,
        engagement: Engagement,
        budget: ContractBudget,
        left_behind: "Collection[Deliverable]",
    ) -> None:
        """Correct what is promised. left_behind: the other deliverables of its milestone."""
        self._require(OPEN, "changed")
        if promise == self.promise:
            return
        promise.check(engagement, budget, self.promise)
        left = self.milestone_id if promise.milestone_id != self.milestone_id else None
        for name, value in vars(promise).items():
            setattr(self, name, value)
        self.record(
            DeliverableChanged(
                **self._whose(),
                due_on=self.due_on,
                milestone_id=self.milestone_id,
                left_milestone=documents_of(left, left_behind),
            )
        )

    def drop(self, reason: str, others: "Collection[Deliverable]") -> None:
        """It is no longer wanted. others: the other deliverables of its milestone."""
        self._require(OPEN, "dropped")
        self.drop_reason = _given(reason, "Say why the deliverable is no longer wanted.")
        self.state = DeliverableState.DROPPED
        self.record(
            DeliverableDropped(
                **self._whose(), reason=reason, milestone=documents_of(self.milestone_id, others)
            )
        )

    def restore(self) -> None:
        """A dropped deliverable is wanted after all, as far as it had come."""
        self._require((DeliverableState.DROPPED,), "restored")
        self.drop_reason = ""
        self.state = self._state_of_documents()
        self.record(
            DeliverableRestored(**self._whose(), due_on=self.due_on, milestone_id=self.milestone_id)
        )

    def submit(self, sha256: str, *, link: str | None, note: str, by: str, at: datetime) -> None:
        """Put a new version before the partner; it takes the place of one not answered yet.

        A document that the partner has returned needs a note that says why it comes again
        unchanged.
        """
        self._require(OPEN, "submitted")
        sha256 = checked_sha256(sha256)
        if not ((link or "").strip() or note.strip()):
            raise Invalid(
                "Say where the document is: give a link, or a note on where it is kept.",
                rule="document-can-be-found",
                field="link",
                accepted="a link or a note",
            )
        earlier = self._version_with(sha256)
        if earlier is not None:
            self._check_unchanged(earlier, note)
        document = DocumentVersion(
            len(self.documents) + 1,
            sha256,
            link,
            note,
            by,
            at,
            same_as=earlier.number if earlier else None,
        )
        self.documents = (*self.documents, document)
        self.state = DeliverableState.SUBMITTED
        self.record(
            DeliverableSubmitted(
                **self._whose(), deliverable_version=document.number, sha256=document.sha256
            )
        )

    def withdraw_submission(self, reason: str) -> None:
        """Take back a version that the partner has not answered; the one before it stands."""
        document = self._answerable("taken back")
        taken_back = replace(
            document, withdrawn=_given(reason, "Say why the version is taken back.")
        )
        self.documents = tuple(
            taken_back if each.number == document.number else each for each in self.documents
        )
        self.state = self._state_of_documents()
        self.record(
            DeliverableSubmissionWithdrawn(
                **self._whose(), deliverable_version=document.number, reason=reason
            )
        )

    def require_answer_of_another(self, by: str) -> None:
        """Raises Forbidden for whoever submitted a version of it, under whatever role."""
        if any(each.submitted_by == by for each in self.documents):
            raise Forbidden(
                "You submitted this deliverable; a colleague writes down what the partner says "
                "of it, or the partner answers.",
                rule="submitter-does-not-answer",
            )

    def accept(self, answer: Answer, latest: date, others: "Collection[Deliverable]") -> None:
        """The partner takes the latest version.

        latest: the last date that has begun anywhere; others: the other deliverables of its
        milestone.
        """
        document = self._keep(answer, DeliverableState.ACCEPTED, latest)
        self.record(
            DeliverableAccepted(
                **self._whose(),
                deliverable_version=document.number,
                sha256=document.sha256,
                milestone_id=self.milestone_id,
                accepted_on=answer.answered_on,
                milestone=documents_of(self.milestone_id, (self, *others)),
            )
        )

    def send_back(self, answer: Answer, latest: date) -> None:
        """The partner returns the latest version and says what to change."""
        _given(
            answer.comments,
            "Say what should change, so that the next version can be accepted.",
            rule="comments-given",
            field="comments",
        )
        document = self._keep(answer, DeliverableState.RETURNED, latest)
        self.record(
            DeliverableReturned(
                **self._whose(),
                deliverable_version=document.number,
                comments=answer.comments,
            )
        )

    def withdraw_answer(self, reason: str) -> None:
        """An answer was recorded by mistake: the latest version awaits an answer again."""
        self._require(
            (DeliverableState.ACCEPTED, DeliverableState.RETURNED), "given another answer"
        )
        standing = self.standing_answer
        assert standing is not None  # no other way leads to these states
        _given(reason, "Say why the answer is withdrawn.")
        self.answers = tuple(
            replace(each, withdrawn=reason) if each is standing else each for each in self.answers
        )
        self.state = DeliverableState.SUBMITTED
        self.record(
            DeliverableAnswerWithdrawn(
                **self._whose(),
                deliverable_version=standing.version,
                was_accepted=standing.outcome is DeliverableState.ACCEPTED,
                milestone_id=self.milestone_id,
                reason=reason,
            )
        )

    def as_accepted(self) -> AcceptedDocument | None:
        """What the partner has accepted; None where it has not."""
        document, standing = self.latest, self.standing_answer
        if self.state is not DeliverableState.ACCEPTED or document is None or standing is None:
            return None
        return AcceptedDocument(
            deliverable_id=self.id,
            title=self.title,
            deliverable_version=document.number,
            sha256=document.sha256,
            accepted_on=standing.answer.answered_on,
        )

    def _keep(self, answer: Answer, outcome: DeliverableState, latest: date) -> DocumentVersion:
        document = self._answerable(str(outcome))
        check_happened(
            answer.answered_on,
            since=earliest_current(document.submitted_at),
            latest=latest,
            what="The partner's answer",
            follows=f"version {document.number} was submitted",
            field="answered_on",
        )
        self.answers = (*self.answers, KeptAnswer(document.number, outcome, answer))
        self.state = outcome
        return document

    def _answerable(self, done: str) -> DocumentVersion:
        """The version that awaits the partner's answer."""
        self._require((DeliverableState.SUBMITTED,), done)
        document = self.latest
        assert document is not None  # nothing else is submitted
        return document

    def _version_with(self, sha256: str) -> DocumentVersion | None:
        same = (each for each in reversed(self.documents) if each.sha256 == sha256)
        return next((each for each in same if not each.withdrawn), None)

    def _check_unchanged(self, earlier: DocumentVersion, note: str) -> None:
        if self.state is DeliverableState.SUBMITTED and earlier == self.latest:
            raise Conflict(
                f"This document already awaits the partner's answer as version {earlier.number}; "
                "submit a changed one.",
                rule="changed-document",
                field="sha256",
            )
        was_returned = any(
            each.version == earlier.number and not each.withdrawn for each in self.answers
        )
        if was_returned and not note.strip():
            raise Conflict(
                f"This is the document that the partner returned as version {earlier.number}. "
                "Submit a changed one, or say in a note why it comes unchanged.",
                rule="unchanged-needs-note",
                field="note",
                accepted="a changed document, or a note",
            )

    def _state_of_documents(self) -> DeliverableState:
        if self.latest is None:
            return DeliverableState.PLANNED
        standing = self.standing_answer
        return standing.outcome if standing else DeliverableState.SUBMITTED

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


def documents_of(
    milestone_id: UUID | None, deliverables: Iterable[Deliverable]
) -> MilestoneDocuments | None:
    """How far all `deliverables` of a milestone have come; None where there is no milestone."""
    if milestone_id is None:
        return None
    wanted = list(deliverables)
    accepted = [each for each in (one.as_accepted() for one in wanted) if each]
    return MilestoneDocuments(
        milestone_id=milestone_id,
        open_deliverables=sum(each.state in OPEN for each in wanted),
        accepted=tuple(sorted(accepted, key=lambda each: (each.accepted_on, each.title))),
    )


def _given(words: str, otherwise: str, *, rule: str = "reason-given", field: str = "reason") -> str:
    if not words.strip():
        raise Invalid(otherwise, rule=rule, field=field)
    return words
