"""Published contracts on their way into the partner and the contract service, in batches.

The contract service decides what becomes of each, and the partner service of each partner; here
they are only asked. A dry run asks the same and tells them what earlier rows would have made.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from services.imports.asking import Asking
from services.imports.contract_partners import ContractPartners
from services.imports.published import PublishedContract, PublishedPartner, in_sentences
from services.imports.report import Line, Outcome
from shared.amounts import DecimalMark

#: Contracts in one transaction of the contract service.
BATCH = 100
#: Seconds that the contract service is given to hear of a partner that was just registered.
PATIENCE = 30.0

#: What people call the fields of the contract service.
_FIELDS = {
    "partner_id": "partner",
    "parent_origin": "parent_id",
    "origin": "id",
    "released_at": "date",
}


class ContractImport:
    """Takes over contracts, each with its partner. A dry run changes nothing."""

    def __init__(self, asking: Asking, *, dry_run: bool) -> None:
        self._asking = asking
        self._dry_run = dry_run
        self._partners = ContractPartners(asking, dry_run=dry_run)
        #: In a dry run: the rows so far that would have been taken, by origin, in their order.
        self._earlier: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self._order = count()

    def lines(self, found: Iterable[PublishedContract | Line]) -> Iterator[Line]:
        """What became of each. Raises Unavailable while a service is down."""
        each = iter(found)
        while batch := list(islice(each, BATCH)):
            yield from self._take(batch)

    def _take(self, batch: list[PublishedContract | Line]) -> Iterator[Line]:
        lines = dict[int, Line]()
        readable = dict[int, PublishedContract]()
        for place, each in enumerate(batch):
            if isinstance(each, Line):
                lines[place] = each
            elif each.obstacles:
                reason = in_sentences(words for _, words in each.obstacles)
                lines[place] = _refused(each, each.obstacles[0][0], reason)
            else:
                readable[place] = each
        self._partners.look_up(map(_partner, readable.values()))
        rows = {
            place: _body(each) | {"partner_id": self._partners[_partner(each)].id or None}
            for place, each in readable.items()
        }
        for place, answer in self._answers(readable, rows).items():
            each = readable[place]
            lines[place] = _line(each, answer, self._partners[_partner(each)].refusal)
            if self._dry_run and answer["outcome"] in ("created", "changed"):
                self._partners.foresee(_partner(each))
                self._earlier.setdefault(each.origin, []).append((next(self._order), rows[place]))
        yield from (lines[place] for place in sorted(lines))

    def _answers(
        self, readable: dict[int, PublishedContract], rows: dict[int, dict[str, Any]]
    ) -> dict[int, dict[str, Any]]:
        """What became of the rows."""
        if self._dry_run:
            return self._foreseen(rows)
        if not any(self._partners.is_new(row["partner_id"]) for row in rows.values()):
            return self._done(rows)
        foreseen = self._foreseen(rows)
        refused = {
            place: answer for place, answer in foreseen.items() if answer["outcome"] == "refused"
        }
        left = {place: row for place, row in rows.items() if place not in refused}
        self._propose_partners(readable, left, foreseen)
        return refused | self._done(left)

    def _propose_partners(
        self,
        readable: dict[int, PublishedContract],
        rows: dict[int, dict[str, Any]],
        foreseen: dict[int, dict[str, Any]],
    ) -> None:
        """Have the new partners of rows proposed that will go in, and name them by their ids.

        A contract that is known keeps its partner, and no other is made for it.
        """
        new = [p for p, row in rows.items() if row["partner_id"] == foreseen[p]["partner_id"]]
        self._partners.propose(_partner(readable[place]) for place in new)
        for place in new:
            rows[place]["partner_id"] = self._partners[_partner(readable[place])].id or None

    def _done(self, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """The answers to the real run, once the contract service has heard of the partners."""
        answers: dict[int, dict[str, Any]] = {}
        deadline, left = time.monotonic() + PATIENCE, rows
        while left:
            answers |= self._send(left, dry_run=False)
            refused = {each["rule"] for each in answers.values()}
            if "partner-known" not in refused or time.monotonic() > deadline:
                break
            again = ("partner-known", "parent-imported")
            left = {place: rows[place] for place in left if answers[place]["rule"] in again}
            time.sleep(0.05)
        return answers

    def _foreseen(self, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """The answers to a dry run, which receives earlier rows and partners still to be made."""
        earlier = self._earlier_than(rows.values())
        new = {
            row["partner_id"]: row["partner_name"]
            for row in (*rows.values(), *earlier)
            if self._partners.is_new(row["partner_id"])
        }
        partners = [{"id": id, "name": name} for id, name in new.items()]
        return self._send(rows, dry_run=True, earlier=earlier, partners=partners)

    def _send(self, rows: dict[int, dict[str, Any]], **how: Any) -> dict[int, dict[str, Any]]:
        if not rows:
            return {}
        body = {"rows": list(rows.values()), "decimal_mark": DecimalMark.POINT, **how}
        answers = self._asking.execute("contract", "import_contracts", body)["rows"]
        return dict(zip(rows, answers, strict=True))

    def _earlier_than(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Earlier rows about the same contracts, and about their parents, in their order."""
        wanted = {row[name] for row in rows for name in ("origin", "parent_origin")}
        found, new = list[tuple[int, dict[str, Any]]](), wanted
        while new:
            met = [each for origin in new for each in self._earlier.get(origin, ())]
            found += met
            new = {row["parent_origin"] for _, row in met} - wanted
            wanted |= new
        return [row for _, row in sorted(found, key=lambda each: each[0])]


def _partner(published: PublishedContract) -> PublishedPartner:
    assert published.partner is not None
    return published.partner


def _body(published: PublishedContract) -> dict[str, Any]:
    """The contract as the contract service takes it, without the id of its partner."""
    value = published.value
    assert published.starts_on is not None
    return {
        **published.stated,
        "partner_name": _partner(published).name[:300],
        "origin": published.origin,
        "origin_is_unique": published.origin_is_unique,
        "source": published.source[-300:],
        "title": published.title,
        "type": published.type.value,
        "value": value and {"amount": str(value.amount), "currency": value.currency},
        "starts_on": published.starts_on.isoformat(),
        "ends_on": published.ends_on and published.ends_on.isoformat(),
        "signed_on": published.signed_on and published.signed_on.isoformat(),
        "released_at": published.released_at and published.released_at.isoformat(),
        "parent_origin": published.parent_origin,
        "parties": [{"name": name, "side": side} for name, side in published.parties],
        "milestones": [dict(each) for each in published.milestones],
    }


def _line(published: PublishedContract, answer: dict[str, Any], partner_refusal: str) -> Line:
    if answer["rule"] == "partner-named" and partner_refusal:
        return _refused(published, "partner", partner_refusal)
    outcome = Outcome(answer["outcome"])
    notes = () if outcome is Outcome.REFUSED else published.notes
    return Line(
        source=published.source,
        place=published.place,
        name=published.title,
        outcome=outcome,
        field=_FIELDS.get(answer["field"], answer["field"]),
        reason=" ".join(filter(None, (answer["reason"], *notes))),
        id=answer["contract_id"],
    )


def _refused(published: PublishedContract, field: str, reason: str) -> Line:
    return Line(
        source=published.source,
        place=published.place,
        name=published.title,
        outcome=Outcome.REFUSED,
        field=field,
        reason=reason,
    )
