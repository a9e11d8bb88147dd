"""The partners of published contracts: found in the partner service, or proposed there."""

from collections.abc import Iterable
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
    """A partner as the partner service answered; `id` is None where a dry run would create it."""

    id: str | None
    refusal: str = ""


class ContractPartners:
    """Each partner is asked for once. In a dry run none is made."""

    def __init__(self, asking: Asking, *, dry_run: bool) -> None:
        self._asking = asking
        self._dry_run = dry_run
        self._known: dict[PublishedPartner, Registered] = {}
        self._would_be: list[dict[str, Any]] = []
        self._made_up: set[str] = set()
        self._places = count(1)

    def registered(self, wanted: Iterable[PublishedPartner]) -> dict[PublishedPartner, Registered]:
        """The partner service's word on each; new ones are proposed."""
        new = [each for each in dict.fromkeys(wanted) if each not in self._known]
        for start in range(0, len(new), BATCH):
            self._ask(new[start : start + BATCH])
        return self._known

    def would_be_made(self, partner_id: str) -> bool:
        """Whether it is the made-up id of a partner that the run would make."""
        return partner_id in self._made_up

    @staticmethod
    def made_up_id(name: str, country: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{country} {same(name)}"))

    def _ask(self, partners: list[PublishedPartner]) -> None:
        body = {
            "origin": ORIGIN,
            "dry_run": self._dry_run,
            "taken": self._would_be if self._dry_run else [],
            "rows": [_row(each, next(self._places)) for each in partners],
        }
        answers = self._asking.execute("partner", "import_partners", body)["rows"]
        for partner, answer in zip(partners, answers, strict=True):
            refused = answer["outcome"] == Outcome.REFUSED
            refusal = f"The partner {partner.name} was refused: {answer['reason']}"
            self._known[partner] = Registered(answer["partner_id"], refusal if refused else "")
            if answer["would_be"]:
                self._would_be.append(answer["would_be"])
            if not refused and answer["partner_id"] is None:
                self._made_up.add(self.made_up_id(partner.name, partner.country))


def _row(partner: PublishedPartner, place: int) -> dict[str, Any]:
    return {
        "legal_name": partner.name,
        "country": partner.country,
        "sector": partner.sector.value,
        "aliases": list(partner.aliases),
        "identifiers": [{"scheme": scheme, "id": id} for scheme, id in partner.identifiers],
        "place": place,
    }
