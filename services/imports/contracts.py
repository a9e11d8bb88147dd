"""Published contracts on their way into the partner and the contract service, in batches.

The contract service decides what becomes of each, and the partner service of each partner; here
they are only asked. A dry run asks the same and tells them what earlier rows would have made.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from services.imports.asking import Asking
from services.imports.contract_partners import ContractPartners
from services.imports.published import PublishedContract, in_sentences
from services.imports.report import Line, Outcome

#: Contracts in one transaction of the contract service.
BATCH = 100
#: Seconds that the contract service is given to hear of a partner that was just registered.
PATIENCE = 30.0

#: What people call the fields of the contract service.
_FIELDS = {"partner_id": "partner", "parent_origin": "parent_id", "origin": "id"}


class ContractImport:
    """Takes over contracts, each with its partner. A dry run changes nothing."""

    def __init__(self, asking: Asking, *, dry_run: bool) -> None:
        self._asking = asking
        self._dry_run = dry_run
        self._partners = ContractPartners(asking, dry_run=dry_run)
        #: In a dry run: the rows so far that would have been taken, by origin.
        self._earlier: dict[str, list[dict[str, Any]]] = {}

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
        rows = {place: _body(each) for place, each in readable.items()}
        self._name_partners(readable, rows, lines)
        for place, answer in self._answers(rows).items():
            each = readable[place]
            lines[place] = _line(each, answer)
            if self._dry_run and answer["outcome"] in ("created", "changed"):
                self._earlier.setdefault(each.origin, []).append(rows[place])
        yield from (lines[place] for place in sorted(lines))

    def _name_partners(
        self,
        readable: dict[int, PublishedContract],
        rows: dict[int, dict[str, Any]],
        lines: dict[int, Line],
    ) -> None:
        """Give each row the id of its partner, and take away those that cannot go in.

        First the contract service says, with partners made up, which rows can go in at all, and
        which contracts it knows: those keep their partner, and no partner is made for the others.
        """
        for place, each in readable.items():
            assert each.partner is not None
            rows[place]["partner_id"] = _made_up(each.partner.name, each.partner.country)
        made_up = [{"id": row["partner_id"], "name": row["partner_name"]} for row in rows.values()]
        foreseen = self._send(rows, dry_run=True, partners=made_up)
        new = {}
        for place, answer in foreseen.items():
            # With partners made up, a parent and its child may seem to be with different ones.
            if answer["outcome"] == Outcome.REFUSED and answer["rule"] != "parent-of-same-partner":
                lines[place] = _line(readable[place], answer)
                del rows[place]
            elif answer["partner_id"] in (None, rows[place]["partner_id"]):
                new[place] = readable[place].partner
            else:
                rows[place]["partner_id"] = answer["partner_id"]
        registered = self._partners.registered([each for each in new.values() if each])
        for place, partner in new.items():
            assert partner is not None
            found = registered[partner]
            rows[place]["partner_id"] = found.id or _made_up(partner.name, partner.country)
            if found.refusal:
                lines[place] = _refused(readable[place], "partner", found.refusal)
                del rows[place]

    def _answers(self, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """What became of the rows, once the contract service has heard of their partners."""
        if self._dry_run:
            made_up = [
                {"id": row["partner_id"], "name": row["partner_name"]}
                for row in rows.values()
                if self._partners.would_be_made(row["partner_id"])
            ]
            return self._send(rows, dry_run=True, partners=made_up)
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

    def _send(
        self, rows: dict[int, dict[str, Any]], *, dry_run: bool, partners: Any = ()
    ) -> dict[int, dict[str, Any]]:
        if not rows:
            return {}
        body: dict[str, Any] = {"dry_run": dry_run, "rows": list(rows.values())}
        if dry_run:
            body["earlier"] = list(self._earlier_than(rows.values()))
            known = {each["id"]: each for each in (*partners, *self._partners_of(body["earlier"]))}
            body["partners"] = list(known.values())
        answers = self._asking.execute("contract", "import_contracts", body)["rows"]
        return dict(zip(rows, answers, strict=True))

    def _earlier_than(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Earlier rows about the same contracts, and about their parents, in their order."""
        wanted = {row[name] for row in rows for name in ("origin", "parent_origin")}
        size = 0
        while size != len(wanted):
            size = len(wanted)
            parents = (each for origin in wanted for each in self._earlier.get(origin, ()))
            wanted |= {each["parent_origin"] for each in list(parents)}
        for origin, earlier in self._earlier.items():
            if origin in wanted:
                yield from earlier

    def _partners_of(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, str]]:
        for row in rows:
            if self._partners.would_be_made(row["partner_id"]):
                yield {"id": row["partner_id"], "name": row["partner_name"]}


def _made_up(name: str, country: str) -> str:
    """The id of a partner that there is not yet; the same for the same one."""
    return ContractPartners.made_up_id(name, country)


def _body(published: PublishedContract) -> dict[str, Any]:
    """The contract as the contract service takes it, without the id of its partner."""
    partner, value = published.partner, published.value
    assert partner is not None
    assert published.starts_on is not None
    return {
        **published.stated,
        "partner_name": partner.name[:300],
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


def _line(published: PublishedContract, answer: dict[str, Any]) -> Line:
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
