"""The partners that are here, as names and ids to compare with."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, or_, select

from services.partner.domain.institution import (
    Institution,
    matching_name,
    other_matching_names,
    register_keys,
)
from services.partner.store import identifiers, partners
from shared.names import found, order_key
from shared.work import Work

#: Similar names that are shown with a name; more would not be read.
SIMILAR_SHOWN = 5

_IN_FULL = {
    "st": "saint",
    "univ": "university",
    "uni": "university",
    "inst": "institute",
    "intl": "international",
    "natl": "national",
    "hosp": "hospital",
    "coll": "college",
}
#: Small words and legal forms.
_FILLERS = frozenset(
    [
        *("the", "of", "and"),
        *("ab", "ag", "aps", "as", "bv", "company", "corp", "corporation", "gmbh", "inc"),
        *("incorporated", "kft", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pte", "pty"),
        *("sarl", "sas", "spa", "srl"),
    ]
)
#: Greek and Cyrillic letters that look like Latin ones, as capitals or as small letters.
_LOOK_ALIKE = dict(
    zip(
        map(ord, "αβεζηικμνορτυχавеѕіјкмнорстхуԛԝһ"),
        "abezhikmnoptyxabesijkmhopctxyqwh",
        strict=True,
    )
)
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True)
class Known:
    """A partner that is here, or that an earlier row of a file would make."""

    legal_name: str
    country: str
    id: UUID | None = None
    reference: str = ""
    #: The local name and the aliases, as compared.
    other_names: tuple[str, ...] = ()
    #: Its ROR id and its entries in other registers.
    keys: tuple[str, ...] = ()
    #: The row of the same file that was about it before.
    place: int | None = None

    @classmethod
    def of(
        cls,
        institution: Institution,
        id: UUID | None,
        reference: str = "",
        place: int | None = None,
    ) -> "Known":
        return cls(
            institution.legal_name,
            institution.country,
            id,
            reference,
            other_matching_names(institution),
            register_keys(institution),
            place,
        )

    def __str__(self) -> str:
        return f"{self.legal_name} ({self.country})"


class Register:
    """Partners to compare with; a file's rows are added as they are taken."""

    def __init__(self, known: Iterable[Known], likeness: int) -> None:
        """likeness: 0–100, from which two names count as similar."""
        self._likeness = likeness
        self._all: dict[int, Known] = {}
        self._numbers: dict[UUID, int] = {}
        self._named: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._named_also: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._holders: dict[str, int] = {}
        self._likeness_keys: dict[str, dict[int, str]] = defaultdict(dict)
        for each in known:
            self.add(each)

    def add(self, known: Known) -> None:
        """Know a partner, in place of what was known of it before."""
        number = self._numbers.get(known.id, len(self._all)) if known.id else len(self._all)
        if number in self._all:
            self._forget(number, self._all[number])
        self._all[number] = known
        if known.id:
            self._numbers[known.id] = number
        self._named[known.country, matching_name(known.legal_name)].append(number)
        for name in known.other_names:
            self._named_also[known.country, name].append(number)
        for key in known.keys:
            self._holders.setdefault(key, number)
        self._likeness_keys[known.country][number] = likeness_key(known.legal_name)

    def by_id(self, id: UUID) -> Known | None:
        return self._all.get(self._numbers.get(id, -1))

    def holder(self, key: str) -> Known | None:
        """The partner with this ROR id or register entry."""
        return self._all.get(self._holders.get(key, -1))

    def namesakes(self, institution: Institution) -> list[Known]:
        """The partners of the same legal name in the same country."""
        key = institution.country, matching_name(institution.legal_name)
        return [self._all[number] for number in self._named.get(key, ())]

    def similar(self, institution: Institution, but_not: UUID | None = None) -> list[Known]:
        """Partners in the same country with a name like this one, the most alike first."""
        country = institution.country
        names = {matching_name(institution.legal_name), *other_matching_names(institution)}
        alike: dict[int, float] = {
            number: 100.0 for name in names for number in self._named_also.get((country, name), ())
        }
        for name in other_matching_names(institution):
            alike |= dict.fromkeys(self._named.get((country, name), ()), 100.0)
        for _, score, number in process.extract(
            likeness_key(institution.legal_name),
            self._likeness_keys[country],
            scorer=fuzz.ratio,
            score_cutoff=self._likeness,
            limit=None,
        ):
            alike.setdefault(number, score)
        ordered = sorted(
            alike, key=lambda number: (-alike[number], order_key(self._all[number].legal_name))
        )
        candidates = [self._all[number] for number in ordered]
        others = [each for each in candidates if each.id is None or each.id != but_not]
        return others[:SIMILAR_SHOWN]

    def _forget(self, number: int, known: Known) -> None:
        self._named[known.country, matching_name(known.legal_name)].remove(number)
        for name in known.other_names:
            self._named_also[known.country, name].remove(number)
        self._likeness_keys[known.country].pop(number)


@lru_cache(maxsize=16_384)
def likeness_key(name: str) -> str:
    """A name as compared for likeness: its words in order of the alphabet, without accents.

    What stands in brackets does not count, nor do small words and legal forms; common short forms
    are written out, and letters of other scripts within a Latin name are those that they look
    like. Words that only one of two names has count against their likeness: most universities of
    a city or a state share all the others.
    """
    folded = found(name)
    if _LATIN.search(folded) and not folded.isascii():
        folded = folded.translate(_LOOK_ALIKE)
    bare = re.sub(r"\([^)]*\)", " ", folded).strip() or folded
    words = [_IN_FULL.get(word, word) for word in re.findall(r"[^\W_]+", bare)]
    telling = [word for word in words if word not in _FILLERS]
    return " ".join(sorted(telling or words))


def here(work: Work, *conditions: ColumnElement[bool]) -> list[Known]:
    """The partners for which one of the conditions holds."""
    statement = select(
        partners.c.legal_name,
        partners.c.country,
        partners.c.id,
        partners.c.reference,
        partners.c.other_names,
    ).where(or_(*conditions))
    rows = work.session.execute(statement.order_by(partners.c.reference)).all()
    keys: dict[UUID, list[str]] = defaultdict(list)
    held = select(identifiers.c.partner_id, identifiers.c.key).join(
        partners, partners.c.id == identifiers.c.partner_id
    )
    for partner_id, key in work.session.execute(held.where(or_(*conditions))):
        keys[partner_id].append(key)
    return [
        Known(
            row.legal_name,
            row.country,
            row.id,
            row.reference,
            tuple(filter(None, row.other_names.split("\n"))),
            tuple(keys.get(row.id, ())),
        )
        for row in rows
    ]
