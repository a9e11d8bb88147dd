"""What who operates a service asks of it: is all there, what is held and why, mend it."""

import dataclasses
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.errors import NotFound, Unavailable
from shared.messaging import causes, heads, held, lag, log_reader
from shared.messaging.entrypoint import rpc, rpc_for
from shared.messaging.signing import PEOPLE, TOOLS
from shared.work import OFFICE, Call

if TYPE_CHECKING:
    from shared.messaging.service import Runtime


class Operated:
    """The entrypoints behind `entente verify`, `entente held` and `entente rebuild`."""

    runtime: "Runtime"

    @rpc
    def completeness(self) -> dict[str, Any]:
        """What this service has not published, not received, or holds.

        Complete is: nothing unpublished, held, altered, missing, ahead or unreachable.
        """
        runtime = self.runtime
        with runtime.unit_of_work.reading(Call()) as work:
            counted = held.counts(work.session)
        missing: list[dict[str, Any]] = []
        ahead: list[dict[str, Any]] = []
        altered: list[dict[str, Any]] = []
        unreachable: list[str] = []
        for subscriber in runtime.subscribers:
            compared = subscriber.catch_up
            try:
                missing += [dataclasses.asdict(each) for each in compared.missing()]
                ahead += [dataclasses.asdict(each) for each in compared.ahead()]
                with runtime.unit_of_work.reading(Call()) as work:
                    altered += held.altered(work.session, subscriber.source, runtime.calls)
            except Unavailable:
                unreachable.append(subscriber.source)
        return {
            "logged": log_reader.logged(runtime.database),
            "unpublished": log_reader.unpublished(runtime.database),
            "held": counted,
            "missing": missing,
            "ahead": ahead,
            "altered": altered,
            "unreachable": unreachable,
        }

    @rpc
    def repair(self) -> dict[str, Any]:
        """Fetch now what is missing of every source's whole log.

        Returns ``{"fetched": events, "unreachable": [sources that did not answer]}``.
        """
        fetched, unreachable = 0, []
        for subscriber in self.runtime.subscribers:
            try:
                fetched += subscriber.catch_up.repair()
            except Unavailable:
                unreachable.append(subscriber.source)
        self._look_now()
        return {"fetched": fetched, "unreachable": unreachable}

    @rpc
    def lags(self) -> list[dict[str, Any]]:
        """How far this service is behind each source that answers: see `shared.messaging.lag`."""
        found = []
        for subscriber in self.runtime.subscribers:
            try:
                behind = lag.of(subscriber.source, self.runtime.unit_of_work, self.runtime.calls)
            except Unavailable:
                continue
            found.append(dataclasses.asdict(behind) | {"events": behind.events})
        return found

    @rpc
    def unpublished(self) -> int:
        """How many facts have not left for the broker yet."""
        return log_reader.unpublished(self.runtime.database)

    @rpc
    def broken_link(self) -> int | None:
        """The first link at which the event log was altered; None where it never was."""
        return log_reader.broken_link(self.runtime.database)

    @rpc
    def sign_head(self) -> dict[str, Any] | None:
        """Sign the head of the event log now; None where it has not grown, or was altered."""
        head = self.runtime.head_signer.sign()
        return dataclasses.asdict(head) if head else None

    @rpc_for(PEOPLE, TOOLS)
    def newest_head(self) -> dict[str, Any]:
        """The newest signed head of the event log, with the public key: ``{"head": …}``; None in
        its place where none was signed.
        """
        newest = self.runtime.head_signer.newest()
        if newest is None:
            return {"head": None}
        head, key = newest
        return {"head": dataclasses.asdict(head) | {"public_key": key.text}}

    @rpc
    def log_heads(self, after: int = 0) -> list[dict[str, Any]]:
        """The signed heads that this service knows of its log, from a link on: the next ones.

        As many as an answer has room for, all those of a link together; none where none follow.
        """
        found = heads.known(self.runtime.database, self.runtime.head_signer.journal)
        further = [each for each in found if each.link > after]
        last = further[: heads.ANSWER][-1].link if further else after
        return [dataclasses.asdict(each) for each in further if each.link <= last]

    @rpc
    def log_hashes(self, links: list[int]) -> dict[str, Any]:
        """The hashes of the log at these links, as far as it has them, and its last link."""
        found = heads.hashes(self.runtime.database, links)
        return {
            "last": log_reader.last_link(self.runtime.database),
            "hashes": {str(link): digest for link, digest in found.items()},
        }

    @rpc
    def held_causes(self, wanted: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """What is held here, gathered by cause: see `shared.messaging.causes`."""
        with self.runtime.unit_of_work.reading(Call()) as work:
            return causes.causes(work.session, wanted or {})

    @rpc
    def held_list(self, wanted: dict[str, str] | None = None, limit: int = 200) -> dict[str, Any]:
        """What is held here, one by one, oldest first, and how many more there are."""
        with self.runtime.unit_of_work.reading(Call()) as work:
            return _plain_items(causes.listed(work.session, wanted or {}, limit))

    @rpc
    def held_event(self, id: str) -> dict[str, Any]:
        """One held event with its contents."""
        with self.runtime.unit_of_work.reading(Call()) as work:
            return _plain(held.shown(work.session, _held_id(id)))

    @rpc
    def retry_held(self, ids: list[str] | None = None, wanted: dict[str, str] | None = None) -> int:
        """Try held events again at once: all, but for `ids` and `wanted` where they are given."""
        with self.runtime.unit_of_work.begin(Call()) as work:
            chosen = None if ids is None else [_held_id(each) for each in ids]
            number = held.retry(work.session, chosen, work.now, causes.matching(wanted or {}))
        self._look_now()
        return number

    @rpc
    def discard_held(self, id: str, reason: str, by: str = OFFICE.id) -> None:
        """Never apply a held event; the reason is kept."""
        with self.runtime.unit_of_work.begin(Call()) as work:
            held.discard(work.session, _held_id(id), reason=reason, by=by, now=work.now)
        self._look_now()

    @rpc
    def discarded(self, limit: int = 200) -> dict[str, Any]:
        """What was never to be applied here, newest first, with the reason, and how many more."""
        with self.runtime.unit_of_work.reading(Call()) as work:
            return _plain_items(causes.discarded(work.session, limit))

    def _look_now(self) -> None:
        for subscriber in self.runtime.subscribers:
            subscriber.look_now()


def _held_id(text: str) -> UUID:
    """Raises NotFound for what cannot be the id of anything."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(f"No event {text} is held here.", rule="held", field="id") from error


def _plain_items(cut: dict[str, Any]) -> dict[str, Any]:
    return {**cut, "items": [_plain(row) for row in cut["items"]]}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    # The columns' names are a kind of text of SQLAlchemy's own, which JSON has no keys of.
    return {
        str(name): value if value is None or isinstance(value, int | str | dict) else str(value)
        for name, value in row.items()
    }
