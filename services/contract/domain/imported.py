"""A contract that was signed elsewhere: confirmed by somebody else, corrected, rejected."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from services.contract.domain.import_record import ImportRecord
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.partners import KnownPartner
from services.contract.domain.performance import Performance
from services.contract.domain.policy import Policy
from services.contract.domain.record import ContractRecord
from services.contract.domain.terms import check_terms, check_within
from shared.errors import Conflict, Forbidden
from shared.events.contract import (
    ContractCancelled,
    ContractImportChanged,
    ContractImportChangeRejected,
    ContractImportConfirmed,
    ContractImportRejected,
    ContractImportReopened,
    ContractOwnerChanged,
    ContractSigned,
    ContractTerms,
    ContractTermsChanged,
)
from shared.events.vocabulary import ContractType
from shared.names import same as matching_name

#: Terms that are numbered or derived, not said by anybody.
_NOT_SAID = ("version", "not_stated")
#: Terms by which a source says nothing of them, beside those that it names as not stated.
_SAYS_NOTHING = (("type", ContractType.UNKNOWN), ("parent_id", None), ("parties", ()))
_CONFIRMED = (ContractState.SIGNED, ContractState.ACTIVE, ContractState.EXPIRED)


@dataclass(frozen=True)
class Release:
    """What a source says of one contract at a moment. released_at: None: it does not date it."""

    terms: ContractTerms
    signed_on: date | None
    released_at: datetime | None
    #: The file, or what else it came from, and what it calls the partner.
    source: str = ""
    partner_name: str = ""


@dataclass(frozen=True)
class Taken:
    """What a further word of a source came to: changed, unchanged or skipped, and why."""

    outcome: str
    notes: tuple[str, ...] = ()


class Imported(Performance):
    """From an import until somebody else has confirmed it, and its corrections afterwards."""

    def require_same(self, release: Release) -> None:
        """Raises Conflict where a word under the same id may be about another contract.

        For ids such as 1, which every source uses: what both say must agree.
        """
        record = self._record
        said = record.said
        same_partner = matching_name(release.partner_name) == matching_name(record.partner_name)
        same_title = matching_name(release.terms.title) == matching_name(said.title)
        same_start = release.terms.starts_on == said.starts_on
        same_value = release.terms.value == said.value
        if same_title and (same_partner or same_start):
            return
        if same_partner and (release.source == record.source or (same_start and same_value)):
            return
        raise Conflict(
            f"Under this id {self.reference} “{said.title}” with {record.partner_name} came from "
            f"{record.source}. Is this row another contract? Then import its file under a name of "
            "its own (--origin NAME, or another origin over the API). Is it the same one? Then "
            f"correct {self.reference} here first.",
            rule="which-contract",
            field="id",
            accepted="a row that agrees with the contract of this id, or another origin",
        )

    def take_release(
        self, release: Release, *, by: str, policy: Policy, parent: ContractRecord | None
    ) -> Taken:
        """A later word of the source. Only what the source says anew is taken over, and only where
        the office has not written something else since.

        Before confirmation it changes the terms; afterwards it waits for a confirmation of its own.
        """
        record = self._record
        if self.state is ContractState.CANCELLED:
            why = record.rejected_because or "it was cancelled"
            return Taken("skipped", (f"Rejected here as {self.reference}: {why}.",))
        if self._is_known(release.released_at):
            return Taken("unchanged", self._why_known(release.released_at))
        base = self._latest_terms
        changes, kept = _news(base, record.said, release.terms)
        signed_on, signed_kept = self._news_of_signature(release)
        terms = replace(base, **changes)
        changed = terms != base or signed_on != self.latest_signed_on
        if changed:
            check_terms(terms, policy)
            self._check_parent_of(terms, parent, policy)
        self.imported = replace(record, said=release.terms, said_signed_on=release.signed_on)
        self.released_at = release.released_at or self.released_at
        if changed:
            self._propose(terms, signed_on, by, self._reason_of(release))
        notes = _kept_notes(kept + signed_kept)
        if changed and self.state is not ContractState.IMPORTED:
            notes = (*notes, "The change waits until somebody else confirms it.")
        return Taken("changed" if changed else "unchanged", notes)

    def correct_import(
        self,
        *,
        terms: ContractTerms,
        signed_on: date | None,
        owner_id: str | None,
        by: str,
        reason: str,
        policy: Policy,
        parent: ContractRecord | None,
    ) -> None:
        """Put right or fill in what was imported. Whoever does it cannot confirm it.

        Another owner needs no confirmation.
        """
        self._require_imported(to="be corrected")
        base = self._latest_terms
        if terms != base or signed_on != self.latest_signed_on:
            check_terms(terms, policy)
            self._check_parent_of(terms, parent, policy)
            self._propose(terms, signed_on, by, reason)
        self._hand_to(owner_id)

    def confirm_import(
        self,
        *,
        by: str,
        owner_id: str | None,
        partner: KnownPartner,
        parent: ContractRecord | None,
        on: date,
        at: datetime,
    ) -> None:
        """Somebody else vouches for what was imported: it counts, and comes into force when due.

        Raises Forbidden for whoever imported or changed it; Conflict while its partner is not an
        approved one, or its parent contract awaits confirmation.
        """
        record = self._record
        if not self.awaits_confirmation:
            raise Conflict(
                f"Nothing of {self.reference} awaits confirmation.",
                rule="awaits-confirmation",
                field="state",
                accepted="an imported contract that awaits confirmation",
            )
        if record.is_word_of(by):
            raise Forbidden(
                f"You imported or changed {self.reference}; somebody else must confirm it.",
                rule="importer-cannot-confirm",
                accepted="another person",
            )
        self._check_parent_confirmed(parent)
        hindrance = partner.hindrance_to_signing(on)
        if hindrance is not None:
            raise hindrance
        self.awaits_confirmation = False
        self.imported = replace(record, by=(), confirmed_by=by, confirmed_at=at)
        self._hand_to(owner_id)
        if self.state is ContractState.IMPORTED:
            self._confirm_first(by)
        else:
            self._confirm_change(by)
        may_start = self.state is ContractState.SIGNED and (
            self.hindrance_to_start(on, partner=partner, parent=parent) is None
        )
        if may_start or (self.state is ContractState.EXPIRED and not self.expires_by(on)):
            self._become_active(imported=True)

    def reject_import(self, *, reason: str, done_under_it: bool) -> None:
        """Drop what awaits confirmation; or a confirmed contract under which nothing was done."""
        record = self._record
        if self.state is ContractState.IMPORTED:
            self._drop(record, reason)
            self.record(ContractImportRejected(contract_id=self.id, reason=reason))
            return
        self._require_imported(to="be rejected")
        if record.proposed is not None:
            self.awaits_confirmation = False
            self.imported = replace(record, by=(), proposed=None, proposed_signed_on=None)
            self.record(ContractImportChangeRejected(contract_id=self.id, reason=reason))
            return
        if done_under_it:
            raise Conflict(
                f"Something was done under {self.reference} since it was confirmed, so it can no "
                "longer be rejected. Correct it, or complete it.",
                rule="nothing-done-under-it",
                field="state",
                accepted="a contract without engagements, days, programmes, invoices or contracts "
                "under it",
            )
        self._drop(record, reason)
        self.record(ContractCancelled(contract_id=self.id, reason=reason))

    def reopen_import(self, *, by: str, reason: str) -> None:
        """Take back a rejection that was a mistake: it awaits confirmation again."""
        record = self._record
        self._require(ContractState.CANCELLED, to="be reopened")
        self.state, self.awaits_confirmation = ContractState.IMPORTED, True
        self.imported = replace(
            record, by=(*record.by, by), rejected_because=None, confirmed_by=None, confirmed_at=None
        )
        self.record(ContractImportReopened(contract_id=self.id, reason=reason))

    @property
    def proposed_terms(self) -> ContractTerms | None:
        """Of a confirmed contract: the terms that await confirmation."""
        return self.imported.proposed if self.imported else None

    @property
    def _record(self) -> ImportRecord:
        if self.imported is None:
            raise Conflict(
                f"{self.reference} was drafted here, not imported.",
                rule="imported",
                field="origin",
                accepted="an imported contract",
            )
        return self.imported

    def _require_imported(self, to: str) -> None:
        assert self._record
        self._require(ContractState.IMPORTED, *_CONFIRMED, to=to)

    @property
    def _latest_terms(self) -> ContractTerms:
        """With what is proposed, if anything is."""
        return self._record.proposed or self.terms

    @property
    def latest_signed_on(self) -> date | None:
        """As for the terms: with what is proposed."""
        record = self._record
        return self.signed_on if record.proposed is None else record.proposed_signed_on

    def _is_known(self, released_at: datetime | None) -> bool:
        """The first word of a moment counts: a second one of the same moment changes nothing."""
        known = self.released_at
        return released_at is not None and known is not None and released_at <= known

    def _why_known(self, released_at: datetime | None) -> tuple[str, ...]:
        if released_at == self.released_at:
            return ()
        return ("An older release than the one that was taken before.",)

    def _news_of_signature(self, release: Release) -> tuple[date | None, list[str]]:
        said, now = self._record.said_signed_on, self.latest_signed_on
        if release.signed_on is None or release.signed_on == said or release.signed_on == now:
            return now, []
        if now is None or now == said:
            return release.signed_on, []
        return now, ["signed_on"]

    def _reason_of(self, release: Release) -> str:
        of = f"Release of {release.released_at.date()}" if release.released_at else "A later import"
        return f"{of} of {self.origin}"

    def _check_parent_of(
        self, terms: ContractTerms, parent: ContractRecord | None, policy: Policy
    ) -> None:
        if parent is not None and policy.child_within_parent:
            check_within(terms, parent.terms, parent.reference)

    def _check_parent_confirmed(self, parent: ContractRecord | None) -> None:
        if parent is not None and parent.state in (ContractState.IMPORTED, ContractState.CANCELLED):
            word = "awaits confirmation" if parent.awaits_confirmation else "was rejected"
            raise Conflict(
                f"Its parent contract {parent.reference} {word}. Settle that one first.",
                rule="parent-confirmed",
                field="parent_id",
                accepted="a confirmed parent contract",
            )

    def _propose(self, terms: ContractTerms, signed_on: date | None, by: str, reason: str) -> None:
        record = self._record
        hands = record.by if record.is_word_of(by) else (*record.by, by)
        terms = replace(terms, version=self.terms.version + 1)
        if self.state is ContractState.IMPORTED:
            self._adopt(terms)
            self.signed_on = signed_on
            self.imported = replace(record, by=hands)
        else:
            self.imported = replace(record, by=hands, proposed=terms, proposed_signed_on=signed_on)
        self.awaits_confirmation = True
        self.record(
            ContractImportChanged(
                contract_id=self.id, owner_id=self.owner_id, terms=terms, reason=reason
            )
        )

    def _hand_to(self, owner_id: str | None) -> None:
        if owner_id is not None and owner_id != self.owner_id:
            self.owner_id = owner_id
            self.record(ContractOwnerChanged(contract_id=self.id, owner_id=owner_id))

    def _confirm_first(self, by: str) -> None:
        self.state = ContractState.SIGNED
        self.record(
            ContractImportConfirmed(
                contract_id=self.id,
                reference=self.reference,
                partner_id=self.partner_id,
                owner_id=self.owner_id,
                terms=self.terms,
                confirmed_by=by,
                signed_on=self.signed_on,
            )
        )

    def _confirm_change(self, by: str) -> None:
        record = self._record
        assert record.proposed is not None
        terms, signed_on = record.proposed, record.proposed_signed_on
        self.imported = replace(record, proposed=None, proposed_signed_on=None)
        if replace(terms, version=self.terms.version) != self.terms:
            self._adopt(terms)
            reason = f"A later word of {self.origin}, confirmed by {by}"
            self.record(ContractTermsChanged(contract_id=self.id, terms=terms, reason=reason))
        if signed_on is not None and signed_on != self.signed_on:
            self.signed_on = signed_on
            self.record(ContractSigned(contract_id=self.id, signed_on=signed_on))

    def _drop(self, record: ImportRecord, reason: str) -> None:
        self.state, self.awaits_confirmation = ContractState.CANCELLED, False
        self.imported = replace(record, rejected_because=reason)


def _news(
    now: ContractTerms, said: ContractTerms, says: ContractTerms
) -> tuple[dict[str, Any], list[str]]:
    """What the source says anew, and the names of what the office has written otherwise since.

    A source that has become silent on something takes nothing away.
    """
    changes: dict[str, Any] = {}
    kept = []
    silent = {*says.not_stated, *(n for n, word in _SAYS_NOTHING if getattr(says, n) == word)}
    for field in fields(ContractTerms):
        name = field.name
        current, before, new = (getattr(each, name) for each in (now, said, says))
        if name in _NOT_SAID or name in silent or new in (before, current):
            continue
        if current == before or name in now.not_stated:
            changes[name] = new
        else:
            kept.append(name)
    still_silent = tuple(each for each in now.not_stated if each in silent)
    if still_silent != now.not_stated:
        changes["not_stated"] = still_silent
    return changes, kept


def _kept_notes(kept: list[str]) -> tuple[str, ...]:
    if not kept:
        return ()
    words = ", ".join(each.replace("_", " ") for each in kept)
    return (f"The source says otherwise; what the office wrote stays: {words}.",)
