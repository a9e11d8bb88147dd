"""Taking over partners from a file: what becomes of each row is decided first, then written.

A dry run decides in the same way and writes nothing: it is handed what the earlier rows of the
file would have made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields
from sqlalchemy import select

from services.partner.domain import institution as institutions
from services.partner.domain.institution import Institution, register_keys
from services.partner.domain.partner import Partner
from services.partner.known import Known, Register, here
from services.partner.schemas import ImportedInstitution, ImportOutcome
from services.partner.sources import (
    SourceRow,
    SourceRows,
    holders_of,
    keep_identifiers,
    keep_rows,
    key_of,
)
from services.partner.store import partners
from shared.countries import COUNTRIES, country_code
from shared.errors import Invalid
from shared.events.vocabulary import Sector
from shared.names import clean, same
from shared.schemas import load
from shared.values import to_plain
from shared.work import Work

_ROW: Schema = ImportedInstitution()
_PLACE = _ROW.fields["place"]
_URL = fields.Url()
#: Fields in which a source adds to what there is and takes nothing away.
_GROWING = ("aliases", "identifiers")


@dataclass
class Verdict:
    """What becomes of one row. `reason` of a taken row says what of it was left out."""

    place: int
    outcome: ImportOutcome
    #: As it shall be kept; None where the row was refused.
    institution: Institution | None = None
    #: Under which its source knows it: country and name as compared.
    key: tuple[str, str] = ("", "")
    #: What the row itself says, by field.
    told: dict[str, Any] | None = None
    #: What its source said before.
    before: SourceRow | None = None
    #: The partner that it is about, where an earlier import of the origin brought it.
    partner: Partner | None = None
    partner_id: UUID | None = None
    field: str = ""
    reason: str = ""
    similar: Sequence[str] = ()
    #: Of a duplicate: the earlier row of the file that was about the same partner.
    same_as: int | None = None
    #: In a dry run: the partner as it would be, for the decisions on later rows.
    would_be: Known | None = None


class Batch:
    """Rows of one source, looked at one after another, with all that they can be about."""

    def __init__(self, work: Work, body: dict[str, Any], wanted: Sequence[Institution]) -> None:
        self.sources = SourceRows(body["origin"])
        self.sources.look_up_names(work, wanted)
        ids = holders_of(work, wanted) | self.sources.partner_ids
        countries = {each.country for each in wanted}
        found = here(work, partners.c.country.in_(countries), partners.c.id.in_(ids))
        self.register = Register(
            (replace(each, place=body["met"].get(str(each.id))) for each in found),
            work.policy.name_likeness,
        )
        for each in body["taken"]:
            self.register.add(each)
        namesakes = (known for each in wanted for known in self.register.namesakes(each))
        self.sources.look_up_partners(work, ids | {each.id for each in namesakes if each.id})
        own = select(Partner).where(partners.c.id.in_(self.sources.own_partner_ids))
        self.partners = {each.id: each for each in work.session.scalars(own)}


def take_rows(work: Work, body: dict[str, Any]) -> list[Verdict]:
    """What became of each row, or in a dry run would, in the order of the rows.

    A row is about a partner that is here where a register id is the same, where its source, or
    else another one, called it so before, or where country and name are the same. Coming from the
    same source it is brought up to date with what the source says anew; what the office has added
    or corrected stays. Else it is a duplicate.
    """
    work.take_turn("PTR")
    origin = body["origin"] = clean(body["origin"])
    verdicts = [_read(place, row, body["sector"]) for place, row in enumerate(body["rows"], 1)]
    batch = Batch(work, body, [each.institution for each in verdicts if each.institution])
    for verdict in verdicts:
        if verdict.institution is not None:
            _decide(verdict, verdict.institution, batch)
    if not body["dry_run"]:
        _write(work, verdicts, origin)
        for verdict in verdicts:
            verdict.would_be = None
    return verdicts


def _read(position: int, row: Any, sector: Sector) -> Verdict:
    place = _place(row) or position
    try:
        if not isinstance(row, dict):
            raise Invalid("Must be an object: { … }.", rule="type")
        told = load(_ROW, row | {"sector": _sector(row.get("sector"))})
        del told["place"]
        told["country"] = country_code(told["country"])
        told["website"], dropped = _website(told["website"])
        told["identifiers"], told["ror"] = institutions.register_entries(
            told["identifiers"], told["ror"]
        )
        told["aliases"] = tuple(told["aliases"])
        told = {name: value for name, value in told.items() if value and value != Sector.UNKNOWN}
        institution = Institution(**{"sector": sector} | told)
        institutions.check(institution, COUNTRIES)
    except Invalid as refused:
        reason = refused.errors[0]["message"] if refused.errors else refused.message
        return Verdict(place, ImportOutcome.REFUSED, field=refused.field, reason=reason)
    institution = institutions.cleaned(institution)
    told = {name: getattr(institution, name) for name in told if name != "country"}
    verdict = Verdict(place, ImportOutcome.CREATED, institution, key_of(institution), told)
    if dropped:
        verdict.field, verdict.reason = "website", f"Left out, not a web address: {dropped}"
    return verdict


def _place(row: Any) -> int | None:
    """The number that a row has in its file, also where the row itself is refused."""
    try:
        told: int | None = _PLACE.deserialize(row["place"])
    except (TypeError, KeyError, ValidationError):
        return None
    return told


def _sector(told: Any) -> Any:
    """A sector in whatever case; the schema judges it."""
    return "_".join(same(told).replace("-", " ").split()) if isinstance(told, str) else told


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
        return None, given[:200]


def _decide(verdict: Verdict, institution: Institution, batch: Batch) -> None:
    register = batch.register
    holders = {
        id(known): known
        for key in register_keys(institution)
        if (known := register.holder(key)) is not None
    }
    namesakes = register.namesakes(institution)
    said = batch.sources.of_any(institution)
    called = register.by_id(said.partner_id) if said else None
    named = called or next(iter(namesakes), None)
    holder = next(iter(holders.values()), None)
    if len(holders) > 1 or (holder and named and holder is not named and holder not in namesakes):
        _refuse_other_holder(verdict, [*holders.values()], named)
        return
    known = holder or named
    if known is None:
        verdict.similar = [each.legal_name for each in register.similar(institution)]
        _take(verdict, Known.of(institution, None, place=verdict.place), register)
        return
    verdict.partner_id = known.id
    verdict.field = _register_field(institution) if holder else "legal_name"
    before = batch.sources.own(institution, known.id)
    partner = batch.partners.get(known.id) if before and known.id else None
    if known.place is not None or partner is None or before is None:
        verdict.outcome = ImportOutcome.DUPLICATE
        verdict.reason = _same_as(known, by_id=holder is not None)
        verdict.same_as = known.place
        if known.place is None:
            _take(verdict, replace(known, place=verdict.place), register)
        return
    verdict.partner, verdict.before = partner, before
    _bring_up_to_date(verdict, institution, partner.institution, before.told)
    updated = Known.of(verdict.institution or institution, known.id, known.reference, verdict.place)
    _take(verdict, updated, register)


def _take(verdict: Verdict, known: Known, register: Register) -> None:
    register.add(known)
    verdict.would_be = known


def _refuse_other_holder(verdict: Verdict, holders: Sequence[Known], named: Known | None) -> None:
    verdict.outcome, verdict.field = ImportOutcome.REFUSED, "ror"
    if not any("ror.org" in key for each in holders for key in each.keys):
        verdict.field = "identifiers"
    if len(holders) > 1:
        verdict.reason = f"Its register ids are those of {' and of '.join(map(str, holders))}."
    else:
        verdict.reason = f"{holders[0]} has this register id, and the name is that of {named}."


def _register_field(institution: Institution) -> str:
    return "ror" if institution.ror else "identifiers"


def _same_as(known: Known, *, by_id: bool) -> str:
    if known.place is not None:
        what = "register id" if by_id else "name and country"
        return f"Row {known.place} has the same {what}."
    return f"{known} is here already as {known.reference}."


def _bring_up_to_date(
    verdict: Verdict, says: Institution, now: Institution, before: dict[str, Any]
) -> None:
    """Take over what the source says anew, where the office has not said otherwise since."""
    changes: dict[str, Any] = {}
    kept = []
    if now.sector is Sector.UNKNOWN and before.get("sector", now.sector) == now.sector:
        # The row's own, or that of the whole file: nobody has said any before.
        verdict.told = {"sector": says.sector} | (verdict.told or {})
    for name, value in (verdict.told or {}).items():
        said, current = before.get(name), getattr(now, name)
        if to_plain(value) == said:
            continue
        if name in _GROWING:
            new = [each for each in value if to_plain(each) not in (said or ())]
            changes[name] = tuple(dict.fromkeys((*current, *new)))
        elif current in (None, Sector.UNKNOWN) or to_plain(current) == said:
            changes[name] = value
        elif current != value:
            kept.append(name)
    verdict.institution = replace(now, **changes)
    is_same = verdict.institution == now
    verdict.outcome = ImportOutcome.UNCHANGED if is_same else ImportOutcome.CHANGED
    if not verdict.reason:
        verdict.field = kept[0] if kept else ""
    if kept:
        words = ", ".join(each.replace("_", " ") for each in kept)
        verdict.reason = f"The source says otherwise; what the office wrote stays: {words}."


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
    new: dict[int | None, UUID | None] = {each.place: each.partner_id for each in created}
    for verdict in verdicts:
        verdict.partner_id = verdict.partner_id or new.get(verdict.same_as)
    work.add_many(made)
    changed = [
        verdict.partner
        for verdict in verdicts
        if verdict.partner is not None
        and verdict.institution is not None
        and verdict.partner.change_details(verdict.institution)
    ]
    keep_identifiers(work, *changed, new=made)
    _keep_what_was_said(work, verdicts, origin)


def _keep_what_was_said(work: Work, verdicts: Sequence[Verdict], origin: str) -> None:
    new, old = [], []
    for verdict in verdicts:
        said = _said(verdict, origin)
        if said is not None and said != verdict.before:
            new.append(said)
            if verdict.before is not None:
                old.append(verdict.before)
    keep_rows(work, new, replacing=old)


def _said(verdict: Verdict, origin: str) -> SourceRow | None:
    """What the source says now, with the sector that it was given for want of a word of its own."""
    is_own = verdict.outcome is ImportOutcome.CREATED or verdict.partner is not None
    if not is_own or verdict.institution is None or verdict.partner_id is None:
        return None
    before = verdict.before.told if verdict.before else {"sector": verdict.institution.sector}
    told = to_plain({**before, **{name: to_plain(v) for name, v in (verdict.told or {}).items()}})
    country, name = verdict.key
    return SourceRow(origin, country, name, verdict.partner_id, told)
