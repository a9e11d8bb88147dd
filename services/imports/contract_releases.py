"""What releases say of contracts: which are signed, with whom, for how much and how long.

What counts is the status of contracts and awards. The status of a tender and of its lots is not
looked at: in practice lots stand as cancelled beneath contracts that are in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.imports import ocds_contract, ocds_parties
from services.imports.json_files import Unreadable
from services.imports.ocds import (
    Plain,
    Release,
    by_id,
    day,
    inner,
    listed,
    releases,
    shown,
    text,
    words,
)
from services.imports.ocds_parties import name_of
from services.imports.published import PublishedContract, PublishedPartner, money
from services.imports.report import Line, Outcome
from shared.amounts import DecimalMark
from shared.events.vocabulary import Sector, Side
from shared.names import same

#: The longest title that a contract may have.
_TITLE = 300


class Reader:
    """Reads contracts out of OCDS files, seen from one office on one day."""

    def __init__(
        self,
        home: str,
        today: date,
        sector: Sector | None = None,
        mark: DecimalMark | None = None,
    ) -> None:
        """home: the names of this office's organisation, separated by ";".

        sector: of the partners; OCDS does not tell it. None: it stays unknown.

        mark: before the decimals of amounts that are given as text; None: as they themselves show.
        """
        self._home = {same(name) for name in home.split(";") if name.strip()}
        self._today = today
        self._sector = sector or Sector.UNKNOWN
        self._mark = mark

    def read(self, path: Path) -> Iterator[PublishedContract | Line]:
        """Signed contracts in the order of their releases, and a line for what is none."""
        for release in releases(path):
            if isinstance(release, Unreadable):
                yield _unreadable(path, release)
                continue
            contracts = listed(release.told.get("contracts"))
            awards = listed(release.told.get("awards"))
            if not contracts and not awards:
                yield self._only_a_tender(path, release)
            for told in contracts:
                yield self._contract(path, release, told)
            for award in awards:
                if not self._has_contract(release, award):
                    yield self._only_an_award(path, release, award)

    def _only_a_tender(self, path: Path, release: Release) -> Line:
        told = "Only a tender" if inner(release.told.get("tender")) else "No award, no contract"
        reason = f"{told}: nothing has been signed."
        return self._line(path, release, Outcome.SKIPPED, place=release.ocid, reason=reason)

    def _only_an_award(self, path: Path, release: Release, award: Plain) -> Line:
        status = words(award.get("status")) or "without status"
        return self._line(
            path,
            release,
            Outcome.SKIPPED,
            place=f"{release.ocid} award {words(award.get('id'))}",
            field="contracts",
            reason=f"An award ({status}) without a contract: not signed. Missing: the contract.",
        )

    def _has_contract(self, release: Release, award: Plain) -> bool:
        wanted = words(award.get("id"))
        contracts = listed(release.merged.get("contracts"))
        return any(words(each.get("awardID")) == wanted for each in contracts)

    def _contract(self, path: Path, release: Release, told: Plain) -> PublishedContract | Line:
        identifier = words(told.get("id"))
        place = f"{release.ocid}/{identifier}"
        if identifier in release.superseded:
            reason = "A release of the same date, further on in the file, speaks of it and counts."
            return self._line(path, release, Outcome.UNCHANGED, place=place, reason=reason)
        contract = by_id(release.merged.get("contracts"), identifier) if identifier else told
        contract = contract or told
        award = by_id(release.merged.get("awards"), contract.get("awardID")) or {}
        signed_on = day(contract.get("dateSigned"))
        wrong = _wrong(release, contract, award)
        reason = ocds_contract.why_not_in_force(contract, award, signed_on, self._today)
        if reason and not any(field == "status" for field, _ in wrong):
            return self._line(
                path, release, Outcome.SKIPPED, place=place, reason=reason, field="status"
            )
        value = inner(contract.get("value"))
        amount, wrong_value = money(value.get("amount"), value.get("currency"), self._mark)
        if amount is None:
            wrong.insert(0, ("value", wrong_value or "no value"))
        period = ocds_contract.period(contract.get("period"))
        wrong.extend(period.wrong)
        parties = self._parties(release.merged, award)
        wrong.extend(parties.wrong)
        milestones, notes = ocds_contract.milestones(contract)
        title = _title(release.merged, contract, award)
        if len(title) > _TITLE:
            notes.append(f"The title is cut to {_TITLE} characters.")
        if signed_on is None:
            notes.append("The date of signing was not published.")
        if period.ends_on is not None and period.ends_on < self._today:
            notes.append(f"Its period ended on {period.ends_on}.")
        return PublishedContract(
            source=path.name,
            place=place,
            origin=place,
            title=title[:_TITLE],
            partner=parties.partner,
            value=amount,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            signed_on=signed_on,
            released_at=release.published_at,
            parties=parties.all,
            milestones=milestones,
            wrong=tuple(wrong),
            notes=(*parties.notes, *notes, *ocds_contract.left_out(contract)),
        )

    def _parties(self, merged: Plain, award: Plain) -> "_Parties":
        """The partner is the party that is not the home organisation, else whoever buys."""
        known = listed(merged.get("parties"))
        buyers = ocds_parties.buyers(merged, known)
        suppliers = [ocds_parties.full(each, known) for each in listed(award.get("suppliers"))]
        suppliers = suppliers or ocds_parties.in_role(known, "supplier")
        we_buy = any(self._is_home(each) for each in buyers)
        we_supply = any(self._is_home(each) for each in suppliers)
        theirs = [each for each in suppliers if not self._is_home(each)] if we_buy else buyers
        why_nameless = "" if any(map(name_of, theirs)) else ocds_parties.why_nameless(theirs)
        buyers, suppliers, theirs = (list(filter(name_of, e)) for e in (buyers, suppliers, theirs))
        sides: list[tuple[Plain, str | None]] = [(each, Side.THEIRS.value) for each in theirs]
        # On whose side stands a third one, such as the supplier of another buyer, nobody says.
        sides += [
            (each, Side.OURS.value if self._is_home(each) else None)
            for each in (*buyers, *suppliers)
            if each not in theirs
        ]
        others = [name_of(each) for each in suppliers if not self._is_home(each)]
        others = others[1:] if we_buy else others if we_supply else []
        partner = next(iter(theirs), None)
        return _Parties(
            None if partner is None else ocds_parties.published(partner, self._sector),
            tuple(dict.fromkeys((name_of(each)[:300], side) for each, side in sides)),
            (f"Also supplied by {', '.join(others)}.",) if others else (),
            (("partner", why_nameless),) if why_nameless else (),
        )

    def _is_home(self, party: Plain) -> bool:
        names = (party.get("name"), inner(party.get("identifier")).get("legalName"))
        return any(same(text(name)) in self._home for name in names if text(name))

    def _line(
        self,
        path: Path,
        release: Release,
        outcome: Outcome,
        *,
        place: str,
        reason: str,
        field: str = "",
    ) -> Line:
        return Line(
            source=path.name,
            place=place,
            name=words(inner(release.merged.get("tender")).get("title")),
            outcome=outcome,
            field=field,
            reason=reason,
        )


@dataclass(frozen=True)
class _Parties:
    partner: PublishedPartner | None
    all: tuple[tuple[str, str | None], ...]
    notes: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...] = ()


def _unreadable(path: Path, found: Unreadable) -> Line:
    return Line(
        source=path.name,
        place=found.place,
        name="",
        outcome=Outcome.REFUSED,
        field="ocid" if "no ocid" in found.reason else "release",
        reason=found.reason,
    )


def _wrong(release: Release, contract: Plain, award: Plain) -> list[tuple[str, str]]:
    wrong = ocds_contract.wrong_statuses(contract, award)
    if not words(contract.get("id")):
        wrong.append(("id", "no id of the contract"))
    told = contract.get("dateSigned")
    if told not in (None, "") and day(told) is None:
        wrong.append(("signed_on", f"dateSigned cannot be read as a date: {shown(told)}"))
    if release.published_at is None:
        given = release.told.get("date")
        missing = given is None or given == ""
        problem = (
            "no date of the release" if missing else f"its date cannot be read: {shown(given)}"
        )
        wrong.append(("date", problem))
    for told in (contract.get("title"), award.get("title")):
        if told is not None and not isinstance(told, str):
            wrong.append(("title", f"the title is {shown(told)}, not text"))
    return wrong


def _title(merged: Plain, contract: Plain, award: Plain) -> str:
    """The contract's own title, else its award's, else the tender's with the lot's."""
    tender = inner(merged.get("tender"))
    own = text(contract.get("title")) or text(award.get("title"))
    title = own or text(tender.get("title")) or text(contract.get("description"))
    lots = award.get("relatedLots")
    if not own and isinstance(lots, list) and len(lots) == 1:
        lot = text((by_id(tender.get("lots"), lots[0]) or {}).get("title"))
        title = ": ".join(filter(None, (title, lot)))
    return title
