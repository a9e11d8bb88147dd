"""The partners of published contracts: found in the partner service, or proposed there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.imports.asking import Asking
from services.imports.published import PublishedPartner
from services.imports.report import Outcome
from shared.names import same

#: The origin of partners that came with contracts, from whatever file.
ORIGIN = "contracts"
#: Partners in one transaction of the partner service.
BATCH = 500


@dataclass(frozen=True)
class Registered:
    """A partner as the partner service knows it.

    id: its own; made up where it is new, which two names of one new partner share; "" where it
    was refused.
    """

    id: str
    is_new: bool = False
    refusal: str = ""


class ContractPartners:
    """Each partner is looked up once; none is made before it is proposed."""

    def __init__(self, asking: Asking, *, dry_run: bool) -> None:
        self._asking = asking
        self._dry_run = dry_run
        self._known: dict[PublishedPartner, Registered] = {}
        self._would_be = _WouldBe()
        self._places = count(1)

    def __getitem__(self, partner: PublishedPartner) -> Registered:
        """The partner service's word on one that was looked up."""
        return self._known[partner]

    def look_up(self, wanted: Iterable[PublishedPartner]) -> None:
        """Ask the partner service for its word on each; nothing is made."""
        new = [each for each in dict.fromkeys(wanted) if each not in self._known]
        for start in range(0, len(new), BATCH):
            self._look_up(new[start : start + BATCH])

    def propose(self, wanted: Iterable[PublishedPartner]) -> None:
        """Have those that are new proposed: they are registered from here on."""
        new = [each for each in dict.fromkeys(wanted) if self._known[each].is_new]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            for partner, answer in zip(part, self._ask(part, dry_run=False), strict=True):
                self._known[partner] = _registered(partner, answer, answer["partner_id"])

    def foresee(self, partner: PublishedPartner) -> None:
        """In a dry run: count on a partner, as the run would have proposed it by now."""
        self._would_be.count_on(partner)

    def is_new(self, partner_id: str) -> bool:
        """Whether it is the made-up id of a partner that a dry run would make."""
        return self._would_be.has(partner_id)

    def _look_up(self, partners: list[PublishedPartner]) -> None:
        taken = self._would_be.about(partners) if self._dry_run else []
        answers = self._ask(partners, dry_run=True, taken=taken)
        for partner, answer in zip(partners, answers, strict=True):
            made_up = "" if answer["partner_id"] else self._would_be.remember(partner, answer)
            self._known[partner] = _registered(partner, answer, made_up)

    def _ask(self, partners: list[PublishedPartner], **how: Any) -> list[dict[str, Any]]:
        rows = [_row(each, next(self._places)) for each in partners]
        body = {"origin": ORIGIN, "rows": rows, **how}
        answer = self._asking.execute("partner", "import_partners", body)
        rows_of: list[dict[str, Any]] = answer["rows"]
        return rows_of


class _WouldBe:
    """Partners that would be new, under made-up ids, to be found by what may make two the same."""

    def __init__(self) -> None:
        self._id_of_row: dict[int, str] = {}
        self._ids: set[str] = set()
        self._plain: dict[PublishedPartner, dict[str, Any]] = {}
        self._by_sign: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def has(self, id: str) -> bool:
        return id in self._ids

    def remember(self, partner: PublishedPartner, answer: dict[str, Any]) -> str:
        """The made-up id; that of the earlier row that was about the same partner, if one was."""
        if answer["outcome"] == Outcome.REFUSED:
            return ""
        id = self._id_of_row.get(answer["same_as"]) or _made_up(partner)
        self._id_of_row[answer["place"]] = id
        self._ids.add(id)
        if answer["would_be"]:
            self._plain[partner] = answer["would_be"]
        return id

    def count_on(self, partner: PublishedPartner) -> None:
        plain = self._plain.pop(partner, None)
        if plain is not None:
            for sign in _signs(partner):
                self._by_sign[sign].append(plain)

    def about(self, partners: Iterable[PublishedPartner]) -> list[dict[str, Any]]:
        """Those that one of the partners may be the same as."""
        signs = (sign for partner in partners for sign in _signs(partner))
        met = (each for sign in signs for each in self._by_sign.get(sign, ()))
        return list({each["place"]: each for each in met}.values())


def _signs(partner: PublishedPartner) -> Iterator[str]:
    """Under which the same partner is found again: its name, and each entry in a register.

    Which entries are the same the partner service says; here more may seem so.
    """
    yield f"{partner.country} {same(partner.name)}"
    for scheme, id in partner.identifiers:
        yield "".join(filter(str.isalnum, f"{scheme}{id}")).casefold().replace("0", "")


def _made_up(partner: PublishedPartner) -> str:
    return str(uuid5(NAMESPACE_URL, f"{partner.country} {same(partner.name)}"))


def _registered(partner: PublishedPartner, answer: dict[str, Any], new_id: str) -> Registered:
    if answer["outcome"] == Outcome.REFUSED:
        return Registered("", refusal=f"The partner {partner.name} was refused: {answer['reason']}")
    if answer["partner_id"]:
        return Registered(answer["partner_id"])
    return Registered(new_id, is_new=True)


def _row(partner: PublishedPartner, place: int) -> dict[str, Any]:
    return {
        "legal_name": partner.name,
        "country": partner.country,
        "sector": partner.sector.value,
        "aliases": list(partner.aliases),
        "identifiers": [{"scheme": scheme, "id": id} for scheme, id in partner.identifiers],
        "place": place,
    }
