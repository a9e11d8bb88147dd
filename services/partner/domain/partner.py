"""A partner institution, from first proposal to exit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from services.partner.domain.due_diligence import (
    Check,
    CheckResult,
    Outcome,
    add_months,
    missing_checks,
    newest,
    require_reviewer,
    valid_until,
)
from services.partner.domain.institution import (
    Institution,
    matching_name,
    other_matching_names,
)
from services.partner.domain.needs import NeedsAssessment
from shared.aggregate import Aggregate
from shared.errors import Conflict, Forbidden, NotFound
from shared.events.partner import (
    ContactAdded,
    ContactChanged,
    ContactRemoved,
    DueDiligenceExpired,
    DueDiligenceFailed,
    DueDiligenceRecorded,
    DueDiligenceRenewed,
    DueDiligenceWithdrawn,
    NeedsAssessed,
    PartnerActivated,
    PartnerApproved,
    PartnerBecameDormant,
    PartnerDeclined,
    PartnerDetailsChanged,
    PartnerExited,
    PartnerProposed,
    PartnerProposedAgain,
    PartnerReviewStarted,
    PartnerRiskRated,
)
from shared.events.vocabulary import RiskBand, Role
from shared.identifiers import new_id


class PartnerState(StrEnum):
    PROSPECT = "prospect"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    ACTIVE = "active"
    DORMANT = "dormant"
    EXITED = "exited"
    DECLINED = "declined"


class ContactRole(StrEnum):
    SIGNATORY = "signatory"
    ACADEMIC_LEAD = "academic_lead"
    COORDINATOR = "coordinator"
    FINANCE = "finance"


#: States in which we work with a partner, so that its due diligence must hold.
USABLE = (PartnerState.APPROVED, PartnerState.ACTIVE, PartnerState.DORMANT)
#: We do not work with it, until it is proposed again.
GONE = (PartnerState.DECLINED, PartnerState.EXITED)


@dataclass(frozen=True)
class Contact:
    id: UUID
    name: str
    email: str
    roles: tuple[ContactRole, ...]
    phone: str | None = None


@dataclass(eq=False, kw_only=True)
class Partner(Aggregate):
    """Everybody starts as a proposal with a sponsor; approval makes it usable."""

    kind: ClassVar[str] = "partner"

    id: UUID
    reference: str
    institution: Institution
    sponsor_id: str
    #: Everybody who has proposed it, now or before it was declined or left.
    sponsors: tuple[str, ...] = ()
    state: PartnerState = PartnerState.PROSPECT
    proposed_on: date
    contacts: tuple[Contact, ...] = ()
    #: Every review there was, as recorded; see `current_checks`.
    checks: tuple[CheckResult, ...] = ()
    risk_band: RiskBand | None = None
    risk_reason: str = ""
    due_diligence_until: date | None = None
    due_diligence_expired: bool = False
    needs: NeedsAssessment | None = None
    imported_from: str | None = None
    #: Kept beside the institution for finding and sorting.
    legal_name: str = ""
    matching_name: str = ""
    country: str = ""
    ror: str | None = None
    other_names: str = ""
    version: int = 0

    @classmethod
    def propose(
        cls,
        reference: str,
        institution: Institution,
        *,
        sponsor_id: str,
        on: date,
        id: UUID | None = None,
        imported_from: str | None = None,
    ) -> "Partner":
        partner = cls(
            id=id or new_id(),
            reference=reference,
            institution=institution,
            sponsor_id=sponsor_id,
            sponsors=(sponsor_id,),
            proposed_on=on,
            imported_from=imported_from,
            **_kept_beside(institution),
        )
        partner.record(
            PartnerProposed(
                partner_id=partner.id,
                reference=reference,
                institution=institution,
                sponsor_id=sponsor_id,
                imported_from=imported_from,
            )
        )
        return partner

    def propose_again(self, reason: str, *, sponsor_id: str, on: date) -> None:
        """Come back to an institution that was declined or left: a proposal, reviewed anew.

        What was reviewed before stays in the history and no longer counts. The risk band stays,
        so that nobody but the board takes a partner out of high risk on this way. Whoever
        sponsored it before is no other person than its sponsor: two who take turns would approve
        each other's proposals.
        """
        self._move(PartnerState.PROSPECT, *GONE)
        self.sponsor_id, self.proposed_on = sponsor_id, on
        self.sponsors = tuple(dict.fromkeys((*self.sponsors, sponsor_id)))
        self.checks = tuple(
            each if each.withdrawn else replace(each, withdrawn=f"Proposed again on {on}")
            for each in self.checks
        )
        self.due_diligence_until, self.due_diligence_expired = None, False
        self.record(PartnerProposedAgain(partner_id=self.id, sponsor_id=sponsor_id, reason=reason))

    def change_details(self, institution: Institution) -> bool:
        """Whether anything changed."""
        if institution == self.institution:
            return False
        self._describe(institution)
        self.record(PartnerDetailsChanged(partner_id=self.id, institution=institution))
        return True

    @property
    def personal(self) -> dict[str, Any]:
        """The details whose changes are kept with the record and stand in no event."""
        return {
            f"contacts.{contact.id}.{name}": getattr(contact, name)
            for contact in self.contacts
            for name in ("name", "email", "phone", "roles")
        }

    def add_contact(self, contact: Contact) -> None:
        self.contacts = (*self.contacts, contact)
        self.record(
            ContactAdded(partner_id=self.id, contact_id=contact.id, roles=tuple(contact.roles))
        )

    def change_contact(self, contact_id: UUID, changes: dict[str, Any]) -> None:
        """Correct a contact. Raises NotFound; what is as it was is no news."""
        before = next((each for each in self.contacts if each.id == contact_id), None)
        if before is None:
            raise _no_such_contact()
        after = replace(before, **changes)
        fields = tuple(name for name in changes if getattr(after, name) != getattr(before, name))
        if not fields:
            return
        self.contacts = tuple(after if each is before else each for each in self.contacts)
        self.record(
            ContactChanged(
                partner_id=self.id,
                contact_id=contact_id,
                roles=tuple(after.roles),
                fields=fields,
            )
        )

    def remove_contact(self, contact_id: UUID) -> None:
        kept = tuple(each for each in self.contacts if each.id != contact_id)
        if len(kept) == len(self.contacts):
            raise _no_such_contact()
        self.contacts = kept
        self.record(ContactRemoved(partner_id=self.id, contact_id=contact_id))

    def start_review(self) -> None:
        self._move(PartnerState.UNDER_REVIEW, PartnerState.PROSPECT)
        self.record(PartnerReviewStarted(partner_id=self.id))

    @property
    def current_checks(self) -> tuple[CheckResult, ...]:
        """Of each check the review that counts."""
        return newest(self.checks)

    def record_check(
        self, result: CheckResult, *, roles: frozenset[str], valid_months: int, latest: date
    ) -> None:
        """Keep a review; of each check the newest by date counts, and the history stays.

        For a usable partner the others are told what follows: until when its due diligence holds
        from now on, or that a failed check has ended it. latest: the last possible date of it.
        """
        self._require_reviewable("take reviews")
        self._require_reviewer(result.reviewer_id, result.check, roles)
        since = add_months(self.proposed_on, -valid_months)
        result.check_dates(since=since, latest=latest, months=valid_months)
        failed = self._failed
        self.checks = (*self.checks, result)
        self.record(
            DueDiligenceRecorded(
                partner_id=self.id,
                check=result.check,
                outcome=result.outcome,
                reviewer_id=result.reviewer_id,
                reviewed_on=result.reviewed_on,
                review_id=result.review_id,
                condition_due_on=result.condition_due_on,
            )
        )
        self._follow_checks(failed, result.reviewed_on, valid_months)

    def withdraw_check(
        self,
        review_id: UUID,
        reason: str,
        *,
        by: str,
        roles: frozenset[str],
        valid_months: int,
        on: date,
    ) -> None:
        """A review was recorded wrongly: it no longer counts, and the one before it does again."""
        self._require_reviewable("change its reviews")
        wrong = next((e for e in self.checks if e.review_id == review_id and not e.withdrawn), None)
        if wrong is None:
            raise NotFound(
                "The partner has no such review, or it was withdrawn.",
                rule="review-exists",
                field="review_id",
            )
        self._require_reviewer(by, wrong.check, roles)
        failed = self._failed
        self.checks = tuple(
            replace(each, withdrawn=reason) if each is wrong else each for each in self.checks
        )
        self.record(
            DueDiligenceWithdrawn(
                partner_id=self.id, review_id=review_id, check=wrong.check, reason=reason
            )
        )
        self._follow_checks(failed, on, valid_months)

    def rate_risk(self, band: RiskBand, reason: str, *, by: str, roles: frozenset[str]) -> None:
        """Only the partnerships board takes a partner into high risk, or out of it.

        The band decides who must approve the partner and its contracts, so its sponsor, who wants
        them, does not rate it.
        """
        self._require_reviewable("be rated")
        self._require_other_than_sponsor(
            by,
            "its risk is rated by others",
            rule="sponsor-does-not-rate",
            accepted="a rating by a colleague",
        )
        if RiskBand.HIGH in (band, self.risk_band) and Role.BOARD not in roles:
            raise Forbidden(
                "A partner is taken into high risk, and out of it, by the partnerships board.",
                rule="high-risk-needs-board",
                field="band",
                accepted="low or medium"
                if self.risk_band is not RiskBand.HIGH
                else "a rating by the board",
            )
        self.risk_band, self.risk_reason = band, reason
        self.record(PartnerRiskRated(partner_id=self.id, band=band, reason=reason))

    def take_needs(self, needs: NeedsAssessment) -> None:
        self.needs = needs
        self.record(NeedsAssessed(partner_id=self.id, gaps=needs.gaps, proposals=needs.proposals))

    def approve(self, *, by: str, roles: frozenset[str], on: date) -> None:
        """Make the partner usable.

        Needs all five checks passed and still valid, a risk band, somebody other than the
        sponsor, and the partnerships board where the risk is high.
        """
        if self.state is not PartnerState.UNDER_REVIEW:
            raise self._wrong_state("be approved", "start its review first")
        self._require_other_than_sponsor(
            by,
            "it is approved by others",
            rule="sponsor-does-not-approve",
            accepted="an approval by a colleague",
        )
        missing = missing_checks(self.checks)
        if missing:
            raise Conflict(
                f"Due diligence is not complete: {', '.join(missing)} not passed.",
                rule="due-diligence-complete",
                field="checks",
                accepted=f"{', '.join(Check)}: each passed, conditional or waived",
            )
        if self.due_diligence_until is None or self.due_diligence_until < on:
            raise Conflict(
                "Due diligence has expired: do the oldest checks again, and those whose "
                "condition is due.",
                rule="due-diligence-valid",
                field="checks",
            )
        if self.risk_band is None:
            raise Conflict("Rate the partner's risk first.", rule="risk-rated", field="risk_band")
        if self.risk_band is RiskBand.HIGH and Role.BOARD not in roles:
            raise Forbidden(
                "A partner of high risk is approved by the partnerships board.",
                rule="high-risk-needs-board",
            )
        self.state = PartnerState.APPROVED
        self.due_diligence_expired = False
        self.record(
            PartnerApproved(
                partner_id=self.id,
                reference=self.reference,
                institution=self.institution,
                risk_band=self.risk_band,
                due_diligence_until=self.due_diligence_until,
            )
        )

    def decline(self, reason: str) -> None:
        self._move(PartnerState.DECLINED, PartnerState.UNDER_REVIEW)
        self.record(PartnerDeclined(partner_id=self.id, reason=reason))

    def activate(self) -> None:
        self._move(PartnerState.ACTIVE, PartnerState.APPROVED, PartnerState.DORMANT)
        self.record(PartnerActivated(partner_id=self.id))

    def rest(self, reason: str) -> None:
        """No work at present; may be activated again."""
        self._move(PartnerState.DORMANT, PartnerState.ACTIVE)
        self.record(PartnerBecameDormant(partner_id=self.id, reason=reason))

    def leave(self, reason: str) -> None:
        self._move(PartnerState.EXITED, *USABLE)
        self.record(PartnerExited(partner_id=self.id, reason=reason))

    def expire_due_diligence(self, on: date) -> None:
        """By itself, on the day after the last valid one; once."""
        until = self.due_diligence_until
        if until is None or until >= on or self.due_diligence_expired:
            return
        self.due_diligence_expired = True
        self._tell_expired(until)

    @property
    def _failed(self) -> tuple[CheckResult, ...]:
        return tuple(each for each in self.current_checks if each.outcome is Outcome.FAILED)

    def _follow_checks(
        self, failed_before: Iterable[CheckResult], on: date, valid_months: int
    ) -> None:
        """Tell what a changed list of reviews means for a partner that we work with."""
        before, was_over = self.due_diligence_until, self.due_diligence_expired
        until = self.due_diligence_until = valid_until(self.checks, valid_months)
        if self.state not in USABLE:
            return
        self.due_diligence_expired = until is None
        failed = [each for each in self._failed if each not in failed_before]
        for each in failed:
            self.record(
                DueDiligenceFailed(
                    partner_id=self.id,
                    sponsor_id=self.sponsor_id,
                    check=each.check,
                    failed_on=each.reviewed_on,
                )
            )
        if until is not None and (until != before or was_over):
            self.record(DueDiligenceRenewed(partner_id=self.id, until=until))
        elif until is None and before is not None and not failed:
            self._tell_expired(on)

    def _tell_expired(self, on: date) -> None:
        self.record(
            DueDiligenceExpired(partner_id=self.id, expired_on=on, sponsor_id=self.sponsor_id)
        )

    def _require_reviewable(self, what: str) -> None:
        if self.state in GONE:
            raise self._wrong_state(what, "propose it again first")

    def _require_reviewer(self, by: str, check: Check, roles: frozenset[str]) -> None:
        self._require_other_than_sponsor(
            by,
            "its checks are reviewed by others",
            rule="sponsor-does-not-review",
            accepted="a review by a colleague",
        )
        require_reviewer(check, roles)

    def _require_other_than_sponsor(self, by: str, told: str, *, rule: str, accepted: str) -> None:
        if by not in self.sponsors:
            return
        word = "sponsor" if by == self.sponsor_id else "once sponsored"
        raise Forbidden(
            f"You {word} this partner; {told}. Ask a colleague.", rule=rule, accepted=accepted
        )

    def _describe(self, institution: Institution) -> None:
        self.institution = institution
        for name, value in _kept_beside(institution).items():
            setattr(self, name, value)

    def _move(self, to: PartnerState, *allowed: PartnerState) -> None:
        if self.state not in allowed:
            raise self._wrong_state(f"become {_words(to)}")
        self.state = to

    def _wrong_state(self, what: str, hint: str = "") -> Conflict:
        return Conflict(
            f"{self.reference} is {_words(self.state)} and cannot {what}"
            + (f"; {hint}." if hint else "."),
            rule="partner-lifecycle",
            field="state",
        )


def _kept_beside(institution: Institution) -> dict[str, Any]:
    """What is kept beside the institution for finding and sorting."""
    return {
        "legal_name": institution.legal_name,
        "matching_name": matching_name(institution.legal_name),
        "country": institution.country,
        "other_names": "\n".join(other_matching_names(institution)),
        "ror": institution.ror,
    }


def _no_such_contact() -> NotFound:
    return NotFound("The partner has no such contact.", rule="contact-exists", field="contact_id")


def _words(state: PartnerState) -> str:
    return state.replace("_", " ")
