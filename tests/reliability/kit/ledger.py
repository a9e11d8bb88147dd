"""What must hold of every fact, on both sides, after whatever has happened."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from shared.messaging import held, log_reader, progress
from shared.messaging.tables import discarded_events, event_log, held_events
from tests.reliability.kit.small import Listener, Teller, effects, next_digest, standings, told

#: The most often that an event is tried before it waits for somebody: no hot loop.
MOST_ATTEMPTS = len(held.RETRY_AFTER) + 1


@dataclass
class Findings:
    """What is wrong, each in words; the counts are of events."""

    facts: int = 0
    held: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return self.lost + self.duplicated + self.out_of_order + self.other

    def add(self, more: "Findings") -> None:
        self.facts += more.facts
        self.held += more.held
        self.lost += more.lost
        self.duplicated += more.duplicated
        self.out_of_order += more.out_of_order
        self.other += more.other


def audit(tellers: Sequence[Teller], listeners: Sequence[Listener]) -> Findings:
    """Compare what was committed with what was logged, published, applied and held."""
    findings = Findings()
    for teller in tellers:
        log = _log(teller)
        findings.facts += len(log)
        findings.add(_of_teller(teller, log))
        for listener in listeners:
            findings.add(_of_listener(listener, teller.name, log))
    return findings


def _log(teller: Teller) -> list[dict[str, Any]]:
    statement = select(event_log).order_by(event_log.c.position)
    with teller.database.reading() as session:
        return [
            {**row, "fact": row["data"]["partner_id"]}
            for row in session.execute(statement).mappings()
        ]


def _of_teller(teller: Teller, log: Sequence[dict[str, Any]]) -> Findings:
    """Every committed fact is logged once, in order, published, and chained."""
    findings = Findings()
    with teller.database.reading() as session:
        facts = session.execute(select(told.c.subject, told.c.fact).order_by(told.c.line)).all()
    committed, logged = Counter(map(tuple, facts)), Counter((r["subject"], r["fact"]) for r in log)
    findings.lost += [f"{fact} is committed and not logged" for fact in committed - logged]
    findings.duplicated += [f"{fact} is logged and not committed" for fact in logged - committed]
    in_order = _by_subject([{"subject": subject, "fact": fact} for subject, fact in facts])
    for subject, rows in _by_subject(log).items():
        sequences = [row["sequence"] for row in rows]
        if sequences != list(range(1, len(rows) + 1)):
            findings.out_of_order.append(f"the log of {subject} counts {sequences}")
        if [row["fact"] for row in rows] != [row["fact"] for row in in_order[subject]]:
            findings.out_of_order.append(f"the log of {subject} is not in the order of its facts")
    findings.lost += [f"{r['fact']} is not published" for r in log if r["published_at"] is None]
    broken = log_reader.broken_link(teller.database)
    if broken is not None:
        findings.other.append(f"the chain of {teller.name} breaks at {broken}")
    return findings


def _of_listener(listener: Listener, source: str, log: Sequence[dict[str, Any]]) -> Findings:
    """Every fact took effect once or is held once; nothing else did; each subject in order."""
    findings = Findings()
    heard, kept, models, reached = _book(listener, source)
    where = f"{listener.name} from {source}"
    still_held = [row for row in kept if "state" in row]
    findings.held = len(still_held)
    for row in still_held:
        findings.other += _of_held(where, row)
    _count(findings, where, log, heard, kept)
    for subject, rows in _by_subject(heard).items():
        sequences = [row["sequence"] for row in rows]
        if sequences != sorted(sequences):
            findings.out_of_order.append(f"{where}: {subject} was applied as {sequences}")
        if reached.get(subject) != len(rows):
            findings.other.append(f"{where}: {subject} is said to be at {reached.get(subject)}")
        if models.get(subject) != _rebuilt(rows):
            findings.other.append(f"{where}: the read model of {subject} is not as a rebuild's")
    return findings


def _count(findings: Findings, where: str, log: Any, heard: Any, kept: Any) -> None:
    """Each fact is applied once or held once, and nothing else is applied."""
    facts = {(row["subject"], row["sequence"]): row["fact"] for row in log}
    applied = Counter((row["subject"], row["sequence"]) for row in heard)
    waiting = Counter((row["subject"], row["sequence"]) for row in kept if row["subject"] != "?")
    for place, fact in facts.items():
        if not applied[place] and not waiting[place]:
            findings.lost.append(f"{where}: {fact} {place} is neither applied nor held")
        if applied[place] + waiting[place] > 1:
            findings.duplicated.append(
                f"{where}: {fact} {place}: {applied[place]} applied, {waiting[place]} held"
            )
    for row in heard:
        if facts.get((row["subject"], row["sequence"])) != row["fact"]:
            findings.duplicated.append(f"{where}: {row['fact']} took effect and is no fact")


def _of_held(where: str, row: dict[str, Any]) -> list[str]:
    """A held event explains itself, and was not tried again and again."""
    wrong = []
    if row["state"] != held.State.GAP and not (row["error_class"] and row["error_text"]):
        wrong.append(f"{where}: {row['subject']} {row['sequence']} does not say why it is held")
    if row["attempts"] > MOST_ATTEMPTS and row["state"] != held.State.NOT_YET:
        wrong.append(f"{where}: {row['subject']} was tried {row['attempts']} times")
    return wrong


def _book(listener: Listener, source: str) -> tuple[Any, Any, Any, Any]:
    """What took effect, what is held (or was discarded), the read models and the progress."""
    with listener.database.reading() as session:
        heard = session.execute(
            select(effects).where(effects.c.source == source).order_by(effects.c.line)
        ).mappings()
        kept = [
            dict(row)
            for table in (held_events, discarded_events)
            for row in session.execute(select(table).where(table.c.source == source)).mappings()
        ]
        models = session.execute(select(standings).where(standings.c.source == source)).mappings()
        rows = [dict(row) for row in heard]
        return (
            rows,
            kept,
            {row["subject"]: (row["facts"], row["digest"]) for row in models},
            progress.of(session, source, {row["subject"] for row in rows}),
        )


def _rebuilt(rows: Sequence[dict[str, Any]]) -> tuple[int, str]:
    digest = ""
    for row in sorted(rows, key=lambda row: row["sequence"]):
        digest = next_digest(digest, row["fact"])
    return len(rows), digest


def _by_subject(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[row["subject"]].append(row)
    return found
