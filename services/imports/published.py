"""A contract as another system published it, and whether it can be taken over."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.imports.sheets import NumberCell
from shared import amounts
from shared.amounts import Ambiguous, DecimalMark
from shared.errors import Invalid
from shared.events.vocabulary import ContractType, Sector
from shared.money import Money


@dataclass(frozen=True)
class PublishedPartner:
    """The other side. `country` is an ISO 3166-1 code, "" where it was not told.

    identifiers: its entries in registers, each as scheme and id.
    """

    name: str
    country: str
    sector: Sector
    aliases: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PublishedContract:
    """What a source says of one contract that it calls signed; None where it says nothing."""

    source: str
    #: Where it stands, for people: an OCID with the contract's id, or a row.
    place: str
    #: By which a later word of the source about the same contract is known.
    origin: str
    title: str
    partner: PublishedPartner | None
    value: Money | None
    starts_on: date | None
    ends_on: date | None
    signed_on: date | None
    #: None: the source does not date what it says.
    released_at: datetime | None
    type: ContractType = ContractType.UNKNOWN
    #: Whether no other source uses the same origin; ids in tables are such as 1 and A1.
    origin_is_unique: bool = True
    parent_origin: str | None = None
    #: The parties by name, each with its side (Side) where that is known.
    parties: tuple[tuple[str, str | None], ...] = ()
    milestones: tuple[Mapping[str, str], ...] = ()
    #: Further terms that it states, by the field of the contract service.
    stated: Mapping[str, Any] = field(default_factory=dict)
    #: What is missing or could not be read, by field.
    wrong: tuple[tuple[str, str], ...] = ()
    #: What is worth knowing once it is taken.
    notes: tuple[str, ...] = ()

    @property
    def obstacles(self) -> tuple[tuple[str, str], ...]:
        """What keeps it from being understood: the field, and the reason in words."""
        named = {field for field, _ in self.wrong}
        if "period" in named:
            named.add("starts_on")
        missing = [
            (field, f"no {word}")
            for field, word, there in (
                ("partner", "partner", self.partner),
                ("partner.country", "country of the partner", self._has_country),
                ("title", "title", self.title),
                ("starts_on", "start date", self.starts_on),
            )
            if there in (None, False, "") and field not in named
        ]
        return (*self.wrong, *missing)

    @property
    def _has_country(self) -> bool:
        return self.partner is None or bool(self.partner.country)


def in_sentences(reasons: Iterable[str]) -> str:
    """Reasons, some of which are whole sentences already, to be read one after the other."""
    told = list(reasons)
    whole = [each for each in told if each.endswith(".")]
    rest = ", ".join(each for each in told if not each.endswith("."))
    return " ".join([*whole, *([f"{rest[0].upper()}{rest[1:]}."] if rest else [])])


def money(
    amount: object, currency: object, mark: DecimalMark | None = None
) -> tuple[Money | None, str]:
    """The amount of a number in JSON, or what is wrong with it; neither where none was given.

    mark: before the decimals of one that is given as text, where the importer says so.
    """
    told = amount if isinstance(amount, str) else "" if amount is None else str(amount)
    if not told and currency in (None, ""):
        return None, ""
    if not told:
        return None, "the value has no amount"
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        return None, "the amount of the value is not a number"
    if not isinstance(currency, str) or not currency.strip():
        return None, "the value has no currency"
    code = currency.strip().upper()
    try:
        if isinstance(amount, int | Decimal):
            value = amounts.number(amount, code)
        else:
            value = amounts.read(told, code, mark)
    except Invalid as refused:
        return None, refused.message
    except ArithmeticError:
        return None, f"{told[:40]} is not an amount of money"
    if value.minor < 0:
        return None, "the value is negative"
    return value, ""


def written_money(
    written: str,
    currency: str,
    *,
    mark: DecimalMark | None = None,
    settled: Callable[[], DecimalMark | None],
) -> tuple[Money | None, str]:
    """As `money`, of a cell in a table.

    mark: before the decimals, where the importer says so; settled: tells, when it is asked, which
    mark the other amounts of the table show.
    """
    if isinstance(written, NumberCell) and "%" not in written:
        beside = currency.strip().upper()
        if written.currency and beside and written.currency != beside:
            return (
                None,
                f"The cell shows {written} {written.currency}, and the currency is {beside}.",
            )
        return money(Decimal(written), currency)
    if not written or not currency.strip():
        return money(written, currency)
    code = currency.strip().upper()
    try:
        return amounts.read(written, code, mark), ""
    except Ambiguous as refused:
        shown = settled()
        if shown is None:
            return None, refused.message
        return None, (
            f"{refused.message} Other amounts of the file have a decimal {shown}: if this one has "
            f"too, import with --decimal-mark {shown}."
        )
    except Invalid as refused:
        return None, refused.message
