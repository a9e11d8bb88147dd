"""What releases say of contracts: which are signed, with whom, for how much and how long.

What counts is the status of contracts and awards. The status of a tender and of its lots is not
looked at: in practice lots stand as cancelled beneath contracts that are in force.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.imports.countries import country_code, country_of_scheme
from services.imports.ocds import Plain, Release, day, inner, listed, releases, words
from services.imports.published import PublishedContract, PublishedPartner, money
from services.imports.report import Line, Outcome
from shared.events.vocabulary import Sector

#: The longest title that a contract may have.
_TITLE = 300


class Reader:
    """Reads contracts out of OCDS files, seen from one office on one day."""

    def __init__(
        self, home: str, zone: ZoneInfo, today: date, sector: Sector | None = None
    ) -> None:
        """home: the names of this office's organisation, separated by ";".

        sector: of the partners. OCDS does not tell it; by default who buys is entered as
        government and who supplies as commercial.
        """
        self._home = {_plain(name) for name in home.split(";") if name.strip()}
        self._zone = zone
        self._today = today
        self._sector = sector

    def read(self, path: Path) -> Iterator[PublishedContract | Line]:
        """Signed contracts in the order of their releases, and a line for what is none."""
        for release in releases(path):
            contracts = listed(release.told.get("contracts"))
            awards = listed(release.told.get("awards"))
            if not contracts and not awards:
                yield self._only_a_tender(path, release)
            for told in contracts:
                contract = _by_id(release.merged.get("contracts"), told.get("id")) or told
                yield self._contract(path, release, contract)
            for award in awards:
                if not self._has_contract(release, award):
                    yield self._only_an_award(path, release, award)

    def _only_a_tender(self, path: Path, release: Release) -> Line:
        told = "Only a tender" if inner(release.told.get("tender")) else "No award, no contract"
        reason = f"{told}: nothing has been signed."
        return self._skipped(path, release, place=release.ocid, reason=reason)

    def _only_an_award(self, path: Path, release: Release, award: Plain) -> Line:
        status = words(award.get("status")) or "without status"
        return self._skipped(
            path,
            release,
            place=f"{release.ocid} award {words(award.get('id'))}",
            field="contracts",
            reason=f"An award ({status}) without a contract: not signed. Missing: the contract.",
        )

    def _has_contract(self, release: Release, award: Plain) -> bool:
        wanted = words(award.get("id"))
        contracts = listed(release.merged.get("contracts"))
        return any(words(each.get("awardID")) == wanted for each in contracts)

    def _contract(self, path: Path, release: Release, contract: Plain) -> PublishedContract | Line:
        identifier = words(contract.get("id"))
        place = f"{release.ocid}/{identifier}"
        signed_on = day(contract.get("dateSigned"), self._zone)
        reason = self._unsigned(contract, signed_on)
        if reason:
            return self._skipped(path, release, place=place, reason=reason, field="status")
        value, wrong_value = money(
            inner(contract.get("value")).get("amount"), inner(contract.get("value")).get("currency")
        )
        starts_on, ends_on = self._period(inner(contract.get("period")))
        award = _by_id(release.merged.get("awards"), contract.get("awardID")) or {}
        wrong = [("value", wrong_value)] if wrong_value else []
        if not identifier:
            wrong.append(("id", "no id of the contract"))
        partner, others = self._partner(release.merged, award)
        notes = [f"Also supplied by {', '.join(others)}."] if others else []
        if signed_on is None:
            notes.append("The date of signing was not published.")
        if ends_on is not None and ends_on < self._today:
            notes.append(f"Its period ended on {ends_on}; the next daily run lets it expire.")
        return PublishedContract(
            source=path.name,
            place=place,
            origin=place,
            title=_title(release.merged, contract, award),
            partner=partner,
            value=value,
            starts_on=starts_on,
            ends_on=ends_on,
            signed_on=signed_on,
            released_at=release.published_at,
            wrong=tuple(wrong),
            notes=tuple(notes),
        )

    def _unsigned(self, contract: Plain, signed_on: date | None) -> str:
        """Why a contract is not one that is signed and goes on; "" where it is."""
        status = words(contract.get("status"))
        if status in ("cancelled", "terminated"):
            return (
                f"The source calls the contract {status}: it is over, and nothing is taken over. "
                "If it is here, complete or terminate it by hand."
            )
        if signed_on is not None and signed_on > self._today:
            return f"It is to be signed on {signed_on}: not signed yet."
        if status == "active" or signed_on is not None:
            return ""
        return f"The contract is {status or 'without status'} and has no date of signing."

    def _period(self, period: Plain) -> tuple[date | None, date | None]:
        """First and last day. The date up to which it might be extended is not its end."""
        starts_on = day(period.get("startDate"), self._zone)
        ends_on = day(period.get("endDate"), self._zone)
        days = period.get("durationInDays")
        if ends_on is None and starts_on and isinstance(days, int) and 0 < days < 100_000:
            ends_on = starts_on + timedelta(days=days - 1)
        return starts_on, ends_on

    def _partner(self, merged: Plain, award: Plain) -> tuple[PublishedPartner | None, list[str]]:
        """Who is not the home organisation, else who buys; and the names of further suppliers."""
        parties = listed(merged.get("parties"))
        buyers = [inner(merged.get("buyer"))] if inner(merged.get("buyer")) else []
        buyers = [_full(each, parties) for each in buyers] or _in_role(parties, "buyer")
        suppliers = [_full(each, parties) for each in listed(award.get("suppliers"))]
        suppliers = suppliers or _in_role(parties, "supplier")
        theirs = [each for each in suppliers if not self._is_home(each)]
        if any(self._is_home(each) for each in buyers):
            side, sector = theirs, Sector.COMMERCIAL
        else:
            side, sector = buyers, Sector.GOVERNMENT
        named = [each for each in side if words(each.get("name"))]
        if not named:
            return None, []
        others = [words(each.get("name")) for each in named[1:]] if side is theirs else []
        return _published(named[0], self._sector or sector), others

    def _is_home(self, party: Plain) -> bool:
        names = (party.get("name"), inner(party.get("identifier")).get("legalName"))
        return any(_plain(words(name)) in self._home for name in names)

    def _skipped(
        self, path: Path, release: Release, *, place: str, reason: str, field: str = ""
    ) -> Line:
        return Line(
            source=path.name,
            place=place,
            name=words(inner(release.merged.get("tender")).get("title")),
            outcome=Outcome.SKIPPED,
            field=field,
            reason=reason,
        )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _by_id(objects: object, identifier: object) -> Plain | None:
    wanted = words(identifier)
    return next((each for each in listed(objects) if words(each.get("id")) == wanted), None)


def _full(reference: Plain, parties: list[Plain]) -> Plain:
    """A reference to an organisation with all that the list of parties says of it."""
    party = _by_id(parties, reference.get("id")) if words(reference.get("id")) else None
    if party is None:
        same = _plain(words(reference.get("name")))
        party = next((each for each in parties if _plain(words(each.get("name"))) == same), {})
    return party | {name: value for name, value in reference.items() if value}


def _in_role(parties: list[Plain], role: str) -> list[Plain]:
    roles = ((each, each.get("roles")) for each in parties)
    return [each for each, its in roles if isinstance(its, list) and role in its]


def _published(party: Plain, sector: Sector) -> PublishedPartner:
    identifier, name = inner(party.get("identifier")), words(party.get("name"))
    legal_name = words(identifier.get("legalName")) or name
    country = country_code(words(inner(party.get("address")).get("countryName")))
    scheme = country_of_scheme(words(identifier.get("scheme"))) or country_of_scheme(
        words(party.get("id"))
    )
    return PublishedPartner(
        name=legal_name,
        country=country or scheme,
        sector=sector,
        aliases=(name,) if _plain(name) != _plain(legal_name) else (),
    )


def _title(merged: Plain, contract: Plain, award: Plain) -> str:
    """The contract's own title, else its award's, else the tender's with the lot's."""
    tender = inner(merged.get("tender"))
    own = words(contract.get("title")) or words(award.get("title"))
    title = own or words(tender.get("title")) or words(contract.get("description"))
    lots = award.get("relatedLots")
    if not own and isinstance(lots, list) and len(lots) == 1:
        lot = words((_by_id(tender.get("lots"), lots[0]) or {}).get("title"))
        title = ": ".join(filter(None, (title, lot)))
    return title[:_TITLE]
