"""What becomes of a contract that another system published: decided here, for run and dry run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from marshmallow import Schema
from sqlalchemy import select

from services.contract.commands.known_partners import known_partner
from services.contract.domain.contract import Contract
from services.contract.domain.imported import Release
from services.contract.domain.partners import KnownPartner, unknown_partner
from services.contract.domain.terms import check_milestone
from services.contract.schemas.imported import Release as ReleaseBody
from services.contract.store import contracts
from shared.amounts import DecimalMark
from shared.dates import check_happened
from shared.errors import Conflict, Invalid, Refusal
from shared.events.contract import ContractTerms, MilestoneTerms
from shared.events.vocabulary import ContractType, RenewalType
from shared.identifiers import new_id
from shared.names import same
from shared.schemas import load
from shared.work import Work

_ROW: Schema = ReleaseBody()

#: Terms that a source may leave unsaid, and whether an empty value then reads like an answer.
_STATED = (
    "ends_on",
    "value",
    "milestones",
    "day_budget",
    "expense_cap",
    "payment_days",
    "renewal",
    "notice_days",
    "purchase_order",
    "governing_law",
)
#: What a memorandum of understanding does not have.
_MONEY = ("value", "day_budget", "expense_cap", "payment_days")
_TERMS = (
    "type",
    "title",
    "starts_on",
    "ends_on",
    "value",
    "expense_cap",
    "payment_days",
    "renewal",
    "notice_days",
    "purchase_order",
    "governing_law",
)


@dataclass(frozen=True)
class Verdict:
    """What became of one row. contract: None where it was refused."""

    outcome: str
    contract: Contract | None = None
    field: str = ""
    rule: str = ""
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return " ".join(self.notes)

    @property
    def version(self) -> int | None:
        return self.contract.version if self.contract else None


class Origins:
    """The contracts that came under the origins that some rows name; grows with what they bring."""

    def __init__(self, known: Iterable[Contract]) -> None:
        self._by_origin = {each.origin: each for each in known}
        #: New ones of which a row was refused because its partner is not known yet.
        self.waiting: set[str] = set()

    @classmethod
    def named_by(cls, work: Work, rows: Iterable[Any]) -> "Origins":
        """Those that bodies name as their own or as their parent's; rows may be of any shape."""
        plain = [each for each in rows if isinstance(each, dict)]
        named = {each.get(name) for each in plain for name in ("origin", "parent_origin")}
        words = [each for each in named if isinstance(each, str)]
        found = select(Contract).where(contracts.c.origin.in_(words))
        return cls(work.session.scalars(found).unique() if words else ())

    def find(self, origin: str | None) -> Contract | None:
        return self._by_origin.get(origin) if origin else None

    def add(self, contract: Contract) -> None:
        self._by_origin[contract.origin] = contract


def take_or_refuse(
    work: Work, origins: Origins, row: Any, mark: DecimalMark | None = None
) -> Verdict:
    """As `take`, of a body that was not checked; a refusal is its verdict.

    mark: before the decimals of amounts, where the row names none.
    """
    try:
        if not isinstance(row, dict):
            raise Invalid("Must be an object: { … }.", rule="type", field="row")
        return take(work, origins, load(_ROW, {"decimal_mark": mark} | row))
    except Refusal as refused:
        if refused.kind == "unavailable":
            raise
        message = refused.errors[0]["message"] if refused.errors else refused.message
        return Verdict("refused", field=refused.field, rule=refused.rule, notes=(message,))


def take(work: Work, origins: Origins, body: dict[str, Any]) -> Verdict:
    """Enter a contract, or what its source says of it by now. Raises Invalid, Conflict."""
    released_at = body["released_at"]
    _check_dated(work, body["signed_on"], "The signature", "signed_on")
    _check_dated(work, released_at and released_at.date(), "The release", "released_at")
    known = origins.find(body["origin"])
    parent = _parent(origins, body["parent_origin"])
    terms, left_out = _terms(work, body, parent)
    partner = _partner(work, origins, body, known)
    release = Release(
        terms,
        body["signed_on"],
        body["released_at"],
        body["source"] or body["origin"],
        body["partner_name"] or partner.name,
    )
    if known is None:
        contract = Contract.enter(
            release,
            id=new_id(),
            reference=lambda: work.next_reference("CTR"),
            partner=partner,
            origin=body["origin"],
            owner_id=body["owner_id"],
            by=work.actor.id,
            at=work.now,
            policy=work.policy,
            parent=parent,
        )
        work.add(contract)
        origins.add(contract)
        return Verdict("created", contract, notes=left_out)
    if not body["origin_is_unique"]:
        known.require_same(release)
    taken = known.take_release(release, by=work.actor.id, policy=work.policy, parent=parent)
    notes = (*_other_partner(body, known, partner), *taken.notes)
    if taken.outcome == "changed":
        notes = (*notes, *left_out)
    return Verdict(taken.outcome, known, notes=notes)


def _check_dated(work: Work, on: date | None, what: str, field: str) -> None:
    """Raises Invalid for a date of something that cannot have happened then.

    A release of the future would make every one that really follows an older one.
    """
    if on is not None:
        check_happened(
            on,
            since=work.policy.first_day,
            latest=work.latest_date,
            what=what,
            follows="any contract of this office",
            field=field,
        )


def _partner(
    work: Work, origins: Origins, body: dict[str, Any], known: Contract | None
) -> KnownPartner:
    """A known origin keeps its partner, whatever its source calls it by now.

    The first row of a new one decides its partner, and the others follow in their order: a
    partner may become known between two rows, and the later one must not overtake.
    """
    if known is not None:
        return known_partner(work, known.partner_id)
    if body["origin"] in origins.waiting:
        raise Conflict(
            "An earlier row of this contract was refused, as its partner is not known yet. "
            "Import the earlier row first.",
            rule="partner-known",
            field="partner_id",
            accepted="the rows of one contract in their order",
        )
    if body["partner_id"] is None:
        raise Invalid(
            "Name the partner of a contract that is new here.",
            rule="partner-named",
            field="partner_id",
            accepted="the id of a partner",
        )
    partner = work.find(KnownPartner, body["partner_id"])
    if partner is None:
        origins.waiting.add(body["origin"])
        raise unknown_partner(body["partner_id"])
    return partner


def _other_partner(body: dict[str, Any], known: Contract, partner: KnownPartner) -> tuple[str, ...]:
    """A note where the source names another partner than it did before."""
    before = known.imported.partner_name if known.imported else ""
    if body["partner_id"] in (None, partner.id) or same(body["partner_name"] or "") == same(before):
        return ()
    return (f"The source names another partner by now; {partner.name} stays.",)


def _parent(origins: Origins, origin: str | None) -> Contract | None:
    if origin is None:
        return None
    parent = origins.find(origin)
    if parent is None:
        raise Invalid(
            "Its parent contract has not been imported. Import that one first, or place its row "
            "above this one.",
            rule="parent-imported",
            field="parent_origin",
            accepted="the origin of an imported contract",
        )
    return parent


def _terms(
    work: Work, body: dict[str, Any], parent: Contract | None
) -> tuple[ContractTerms, tuple[str, ...]]:
    """What the source says, with nothing made up; and what had to be left out."""
    silent = {name for name in _STATED if body.get(name) in (None, (), [])}
    if body["renewal"] is RenewalType.UNKNOWN:
        silent.add("renewal")
    if body["renewal"] is RenewalType.EVERGREEN:
        silent.discard("ends_on")
    if body["type"] is ContractType.MOU:
        silent.difference_update(_MONEY)
    terms = ContractTerms(
        version=1,
        **{name: body[name] for name in _TERMS},
        parent_id=parent.id if parent else None,
        parties=tuple(body["parties"]),
        not_stated=tuple(name for name in _STATED if name in silent),
    )
    kept, left_out = [], []
    for place, each in enumerate(body["milestones"]):
        milestone = MilestoneTerms(
            milestone_id=_milestone_id(body["origin"], each["key"] or str(place)),
            title=each["title"],
            type=each["type"],
            due_on=each["due_on"],
            amount=each["amount"],
        )
        try:
            check_milestone(milestone, f"milestones.{place}", terms, work.policy)
            kept.append(milestone)
        except Invalid as refused:
            left_out.append(f"Left out: {refused.message}")
    return replace(terms, milestones=tuple(kept)), tuple(left_out)


def _milestone_id(origin: str, key: str) -> UUID:
    """The same for the same milestone in each of its source's releases."""
    return uuid5(NAMESPACE_URL, f"{origin}#{key}")
