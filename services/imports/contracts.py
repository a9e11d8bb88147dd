"""Published contracts on their way into the partner and the contract service."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.imports.asking import Asking
from services.imports.published import PublishedContract, PublishedPartner, in_sentences
from services.imports.report import Line, Outcome
from shared.errors import Conflict, Refusal

#: Seconds that the contract service is given to hear of a partner that was just registered.
PATIENCE = 30.0


@dataclass(frozen=True)
class Registered:
    """A partner as the partner service answered; `id` is None where a dry run would create it."""

    id: str | None
    refusal: str = ""


class ContractImport:
    """Takes over contracts one by one, each with its partner. A dry run changes nothing."""

    def __init__(self, asking: Asking, *, today: date, dry_run: bool) -> None:
        self._asking = asking
        self._today = today
        self._dry_run = dry_run
        self._partners: dict[PublishedPartner, Registered] = {}
        #: In a dry run: every contract that came from somewhere, as it stands or would stand.
        self._standing: dict[str, dict[str, Any]] | None = None

    def lines(self, found: Iterable[PublishedContract | Line]) -> Iterator[Line]:
        """What became of each. Raises Unavailable while a service is down."""
        for each in found:
            yield each if isinstance(each, Line) else self._take(each)

    def _take(self, published: PublishedContract) -> Line:
        obstacles = published.obstacles
        if obstacles:
            reason = in_sentences(words for _, words in obstacles)
            return _line(published, Outcome.REFUSED, reason, obstacles[0][0])
        assert published.partner is not None
        partner = self._registered(published.partner, published.origin)
        if partner.refusal:
            return _line(published, Outcome.REFUSED, partner.refusal, "partner")
        body = self._body(published, partner.id)
        try:
            if self._dry_run:
                outcome, id = self._foreseen(body)
            else:
                answer = self._entered(body)
                outcome, id = Outcome(answer["outcome"]), answer["contract"]["id"]
        except Refusal as refused:
            if refused.kind == "unavailable":
                raise
            return _line(published, Outcome.REFUSED, refused.message, refused.field)
        return _line(published, outcome, " ".join(published.notes), id=id)

    def _registered(self, partner: PublishedPartner, origin: str) -> Registered:
        """The partner service's word on a partner, which is proposed where it is new."""
        if partner in self._partners:
            return self._partners[partner]
        row = {
            "legal_name": partner.name,
            "country": partner.country,
            "sector": partner.sector.value,
            "aliases": list(partner.aliases),
        }
        # An origin of its own: so a partner that is here already is found and left as it is.
        body = {"origin": origin[:200], "dry_run": self._dry_run, "rows": [row]}
        answer = self._asking.execute("partner", "import_partners", body)["rows"][0]
        refused = answer["outcome"] == Outcome.REFUSED
        registered = Registered(
            answer["partner_id"],
            f"The partner {partner.name} was refused: {answer['reason']}" if refused else "",
        )
        self._partners[partner] = registered
        return registered

    def _body(self, published: PublishedContract, partner_id: str | None) -> dict[str, Any]:
        assert published.value is not None
        assert published.starts_on is not None
        assert published.ends_on is not None
        assert published.released_at is not None
        return {
            "partner_id": partner_id,
            "origin": published.origin,
            "title": published.title,
            "type": published.type.value,
            "value": {
                "amount": str(published.value.amount),
                "currency": published.value.currency,
            },
            "starts_on": published.starts_on.isoformat(),
            "ends_on": published.ends_on.isoformat(),
            "signed_on": published.signed_on and published.signed_on.isoformat(),
            "state": "active" if published.starts_on <= self._today else "signed",
            "released_at": published.released_at.isoformat(),
        }

    def _entered(self, body: dict[str, Any]) -> Any:
        """The contract service's answer, once it has heard of the partner."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._asking.execute("contract", "import_contract", body)
            except Conflict as refused:
                if refused.rule != "partner-known" or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _foreseen(self, body: dict[str, Any]) -> tuple[Outcome, str | None]:
        """What the contract service would answer."""
        if body["ends_on"] < body["starts_on"]:
            raise Conflict(
                f"The contract ends on {body['ends_on']}, before it starts on {body['starts_on']}.",
                rule="end-after-start",
                field="ends_on",
            )
        if self._standing is None:
            self._standing = dict(self._imported_before())
        before = self._standing.get(body["origin"])
        if before is None:
            self._standing[body["origin"]] = body
            return Outcome.CREATED, None
        if before["partner_id"] != body["partner_id"]:
            raise Conflict(
                "The contract came from the same origin with another partner.",
                rule="origin-of-one-partner",
                field="partner_id",
            )
        id = before.get("id")
        told_at = datetime.fromisoformat(body["released_at"])
        if told_at < datetime.fromisoformat(before["released_at"]):
            return Outcome.UNCHANGED, id
        same = all(
            before[name] == body[name]
            for name in ("title", "type", "value", "starts_on", "ends_on")
        )
        signed = body["signed_on"] in (None, before["signed_on"])
        begins = before["state"] == "signed" and body["state"] == "active"
        resumes = before["state"] == "expired" and body["ends_on"] >= self._today.isoformat()
        self._standing[body["origin"]] = before | body
        is_same = same and signed and not begins and not resumes
        return Outcome.UNCHANGED if is_same else Outcome.CHANGED, id

    def _imported_before(self) -> Iterator[tuple[str, dict[str, Any]]]:
        cursor = None
        while True:
            page = self._asking.ask(
                "contract",
                "list_contracts",
                {"limit": 200} | ({"cursor": cursor} if cursor else {}),
            )
            for summary in page["items"]:
                if summary["origin"]:
                    view = self._asking.ask("contract", "get_contract", {"id": summary["id"]})
                    yield summary["origin"], view
            cursor = page["next"]
            if not cursor:
                return


def _line(
    published: PublishedContract,
    outcome: Outcome,
    reason: str = "",
    field: str = "",
    id: str | None = None,
) -> Line:
    return Line(
        source=published.source,
        place=published.place,
        name=published.title,
        outcome=outcome,
        field=field,
        reason=reason,
        id=id,
    )
