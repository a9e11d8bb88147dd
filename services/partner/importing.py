"""Taking over partners from a file: what becomes of each row is decided first, then written.

A dry run decides in the same way and writes nothing.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import or_, select

from services.partner.domain import institution as institutions
from services.partner.domain.institution import Institution, matching_name
from services.partner.domain.partner import Partner
from services.partner.schemas import ImportedInstitution, ImportOutcome
from services.partner.store import partners
from shared.countries import COUNTRIES
from shared.errors import Invalid
from shared.events.vocabulary import Sector
from shared.schemas import load
from shared.work import Work

#: Similar names that are named with a row; more would not be read.
SIMILAR_SHOWN = 5

_ROW: Schema = ImportedInstitution()
_URL = fields.Url()


@dataclass
class Verdict:
    """What becomes of one row. `reason` of a taken row says what of it was left out."""

    place: int
    outcome: ImportOutcome
    #: As it shall be kept; None where the row was refused.
    institution: Institution | None = None
    #: What the row itself says of it.
    told: dict[str, Any] | None = None
    #: The partner that the row is about, where an earlier import of the origin brought it.
    partner: Partner | None = None
    partner_id: UUID | None = None
    field: str = ""
    reason: str = ""
    similar: Sequence[str] = ()


@dataclass(frozen=True)
class Known:
    """A partner that is here already, or that an earlier row is about to create."""

    legal_name: str
    country: str
    ror: str | None = None
    id: UUID | None = None
    origin: str | None = None


class Register:
    """The partners of some countries as names to compare with; grows with the rows taken."""

    def __init__(self, known: Iterable[Known], likeness: int) -> None:
        """likeness: 0–100, from which two names count as similar."""
        self._likeness = likeness
        self._by_name: dict[tuple[str, str], Known] = {}
        self._by_ror: dict[str, Known] = {}
        self._keys: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        for each in known:
            self.add(each)

    def add(self, known: Known) -> None:
        self._by_name.setdefault((known.country, matching_name(known.legal_name)), known)
        if known.ror:
            self._by_ror.setdefault(known.ror, known)
        self._keys[known.country].append(likeness_key(known.legal_name))
        self._names[known.country].append(known.legal_name)

    def namesake(self, institution: Institution) -> Known | None:
        """Who has the same name in the same country."""
        return self._by_name.get((institution.country, matching_name(institution.legal_name)))

    def holder(self, ror: str | None) -> Known | None:
        """Who has this ROR id."""
        return self._by_ror.get(ror) if ror else None

    def similar(self, institution: Institution) -> list[str]:
        """Names in the same country that look like this one, the most alike first."""
        found = process.extract(
            likeness_key(institution.legal_name),
            self._keys[institution.country],
            scorer=fuzz.ratio,
            score_cutoff=self._likeness,
            limit=SIMILAR_SHOWN,
        )
        names = self._names[institution.country]
        return [names[place] for _, _, place in found]


def likeness_key(name: str) -> str:
    """A name as compared for likeness: its words in order of the alphabet, without accents.

    Words that only one of two names has count against their likeness: most universities of a
    city or a state share all the others.
    """
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign)
    )
    return " ".join(sorted(default_process(plain).split()))


def take_rows(work: Work, body: dict[str, Any]) -> list[Verdict]:
    """What became of each row, or in a dry run would, in the order of the rows.

    A partner is the same as one that is here where country and name are the same; coming from
    the same origin it is brought up to date, else it is a duplicate. What the office has added
    about a partner stays.
    """
    verdicts = [_read(place, row, body["sector"]) for place, row in enumerate(body["rows"])]
    wanted = [each.institution for each in verdicts if each.institution is not None]
    register = Register(
        [*_here(work, wanted), *(Known(**each) for each in body["taken"])],
        work.policy.name_likeness,
    )
    own = _of_origin(work, register, wanted, body["origin"])
    for verdict in verdicts:
        if verdict.institution is not None:
            _decide(verdict, verdict.institution, register, own)
    if not body["dry_run"]:
        _write(work, verdicts, body["origin"])
    return verdicts


def _read(place: int, row: dict[str, Any], sector: Sector) -> Verdict:
    try:
        told = load(_ROW, row)
        told["website"], dropped = _website(told["website"])
        told["aliases"], told["ror"] = tuple(told["aliases"]), institutions.ror_id(told["ror"])
        told = {name: value for name, value in told.items() if value}
        institution = Institution(**{"sector": sector} | told)
        institutions.check(institution, COUNTRIES)
        institution = institutions.cleaned(institution)
    except Invalid as refused:
        reason = refused.errors[0]["message"] if refused.errors else refused.message
        return Verdict(place, ImportOutcome.REFUSED, field=refused.field, reason=reason)
    verdict = Verdict(place, ImportOutcome.CREATED, institution, told)
    if dropped:
        verdict.field, verdict.reason = "website", f"Left out, not a web address: {dropped}"
    return verdict


def _website(given: str | None) -> tuple[str | None, str]:
    """The address to keep, and what could not be kept: a bad address is no reason to refuse."""
    if not given or not given.strip():
        return None, ""
    address = given.strip()
    if "://" not in address:
        address = f"http://{address}"
    try:
        return _URL.deserialize(address), ""
    except ValidationError:
        return None, given


def _here(work: Work, wanted: Sequence[Institution]) -> list[Known]:
    countries = {each.country for each in wanted}
    rors = {each.ror for each in wanted if each.ror}
    statement = select(
        partners.c.legal_name,
        partners.c.country,
        partners.c.ror,
        partners.c.id,
        partners.c.imported_from,
    ).where(or_(partners.c.country.in_(countries), partners.c.ror.in_(rors)))
    return [Known(*row) for row in work.session.execute(statement)]


def _of_origin(
    work: Work, register: Register, wanted: Sequence[Institution], origin: str
) -> dict[UUID, Partner]:
    """The partners that an earlier import of the same origin brought, by id."""
    namesakes = (register.namesake(each) for each in wanted)
    ids = {each.id for each in namesakes if each is not None and each.origin == origin}
    found = work.session.scalars(select(Partner).where(partners.c.id.in_(ids))) if ids else ()
    return {partner.id: partner for partner in found}


def _decide(
    verdict: Verdict, institution: Institution, register: Register, own: dict[UUID, Partner]
) -> None:
    namesake, holder = register.namesake(institution), register.holder(institution.ror)
    known = namesake or holder
    if known is None:
        verdict.similar = register.similar(institution)
        register.add(Known(institution.legal_name, institution.country, institution.ror))
        return
    verdict.partner_id = known.id
    if namesake is not None and holder is not None and holder is not namesake:
        verdict.outcome, verdict.field = ImportOutcome.REFUSED, "ror"
        verdict.reason = f"{holder.legal_name} ({holder.country}) has this ROR id."
        return
    # Taken out, so that a second row about the same partner does not change it back.
    partner = own.pop(known.id, None) if known.id and namesake else None
    if partner is None:
        verdict.outcome, verdict.field = (
            ImportOutcome.DUPLICATE,
            "legal_name" if namesake else "ror",
        )
        verdict.reason = f"{known.legal_name} ({known.country}) is there already."
        return
    verdict.partner = partner
    # A row that says nothing takes nothing away.
    verdict.institution = replace(partner.institution, **verdict.told or {})
    is_same = verdict.institution == partner.institution
    verdict.outcome = ImportOutcome.UNCHANGED if is_same else ImportOutcome.CHANGED


def _write(work: Work, verdicts: Sequence[Verdict], origin: str) -> None:
    created = [each for each in verdicts if each.outcome is ImportOutcome.CREATED]
    made = []
    references = work.next_references("PTR", len(created))
    for verdict, reference in zip(created, references, strict=True):
        assert verdict.institution is not None
        partner = Partner.propose(
            reference,
            verdict.institution,
            sponsor_id=work.actor.id,
            on=work.today,
            imported_from=origin,
        )
        verdict.partner_id = partner.id
        made.append(partner)
    work.add_many(made)
    for verdict in verdicts:
        if verdict.partner is not None and verdict.institution is not None:
            verdict.partner.change_details(verdict.institution)
