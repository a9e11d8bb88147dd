"""From a batch of events to the read models, in a few statements of many rows each.

Safe to repeat: an event that is there already changes nothing. What a model says of a partner, a
contract or an invoice comes from events of one source only, whose order per subject is kept; so
the same events give the same models, however the sources were mixed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from services.insight.domain.belonging import NOTHING, Belonging, named_by, said_in
from services.insight.domain.known import (
    PROGRAMME_TELLING,
    KnownConsultant,
    KnownContract,
    KnownInvoice,
    KnownPartner,
    KnownProgramme,
    KnownTeam,
)
from services.insight.store import (
    READ_MODELS,
    consultants,
    contracts,
    deadlines,
    invoices,
    partners,
    programmes,
    subjects,
    teams,
    timeline,
)
from shared import many_rows
from shared.database import UNANSWERED
from shared.identifiers import uuid_of
from shared.messaging import progress
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import NotYet

K = TypeVar(
    "K", KnownPartner, KnownContract, KnownInvoice, KnownConsultant, KnownTeam, KnownProgramme
)

#: Subjects whose every event says itself whose it is, and which have no name to remember.
_SELF_EXPLAINING = ("partner", "day_entry", "token", "consultant", "participant")


def project(session: Session, envelopes: Sequence[Envelope]) -> None:
    """Write what these events of one source say. Raises Unreadable, or NotYet for an event that
    belongs to a programme which has not been heard of."""
    belongings = _belongings(session, envelopes)
    entries = [_entry(each, belongings[each.id]) for each in envelopes]
    many_rows.insert_new(session, timeline, entries)
    _learn(session, _of_kind(envelopes, "partner"), KnownPartner, partners)
    _learn(session, _of_kind(envelopes, "invoice"), KnownInvoice, invoices)
    _learn(session, _of_kind(envelopes, "consultant"), KnownConsultant, consultants)
    _learn(session, _of_kind(envelopes, "engagement"), KnownTeam, teams)
    handed = [each for each in envelopes if each.type in PROGRAMME_TELLING]
    _learn(session, _of_kind(handed, "programme"), KnownProgramme, programmes)
    changed = _learn(session, _of_kind(envelopes, "contract"), KnownContract, contracts)
    _renew_deadlines(session, changed)


def forget(session: Session) -> None:
    """Empty every read model, and how far each source was read: catch-up brings it all again."""
    progress.forget(session)
    for table in READ_MODELS:
        session.execute(delete(table))


def _belongings(session: Session, envelopes: Sequence[Envelope]) -> dict[str, Belonging]:
    """By event id. Remembers what was learned about the subjects."""
    asked = {named_by(each.subject, each.data) for each in envelopes}
    asked |= {each.subject for each in envelopes}
    asked -= {each.subject for each in envelopes if each.sequence == 1}  # nothing is known of it
    known = _known_subjects(session, {each for each in asked if not _explains_itself(each)})
    learned: dict[str, Belonging] = {}
    belongings = {}
    for envelope in envelopes:
        subject, anchor = envelope.subject, named_by(envelope.subject, envelope.data)
        said = said_in(subject, envelope.data).or_else(known.get(subject, NOTHING))
        if not _explains_itself(subject) and said != known.get(subject):
            known[subject] = learned[subject] = said
        belonging = said.or_else(known.get(anchor, NOTHING))
        if anchor.startswith("programme/") and not belonging.is_known:
            raise NotYet(f"{anchor} has not been designed here yet.")
        belongings[envelope.id] = belonging
    many_rows.upsert(session, subjects, [_subject_row(*each) for each in learned.items()])
    return belongings


def _explains_itself(subject: str) -> bool:
    return subject.partition("/")[0] in _SELF_EXPLAINING


def _known_subjects(session: Session, asked: set[str]) -> dict[str, Belonging]:
    if not asked:
        return {}
    found = session.execute(select(subjects).where(subjects.c.subject.in_(asked))).mappings()
    return {
        row["subject"]: Belonging(row["partner_id"], row["contract_id"], row["name"])
        for row in found
    }


def _subject_row(subject: str, belonging: Belonging) -> dict[str, Any]:
    return {
        "subject": subject,
        "partner_id": belonging.partner_id,
        "contract_id": belonging.contract_id,
        "name": belonging.name,
    }


def _entry(envelope: Envelope, belonging: Belonging) -> dict[str, Any]:
    assert envelope.event  # an event that does not fit its schema is refused here
    return {
        "event_id": uuid_of(envelope.id),
        "source": envelope.source,
        "type": envelope.type,
        "version": envelope.version,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "named_by": named_by(envelope.subject, envelope.data),
        "partner_id": belonging.partner_id,
        "contract_id": belonging.contract_id,
        "occurred_at": datetime.fromisoformat(envelope.time),
        "actor": envelope.actor,
        "correlation": envelope.correlation,
        "data": envelope.data,
    }


def _of_kind(envelopes: Sequence[Envelope], kind: str) -> dict[UUID, list[Envelope]]:
    """The events of one kind of subject, by the subject's id."""
    found: dict[UUID, list[Envelope]] = {}
    for envelope in envelopes:
        word, _, identifier = envelope.subject.partition("/")
        if word == kind:
            found.setdefault(uuid_of(identifier), []).append(envelope)
    return found


def _learn(
    session: Session, heard: Mapping[UUID, Sequence[Envelope]], kind: type[K], table: Table
) -> dict[UUID, K]:
    """Bring what is known of partners, contracts or invoices up to these events."""
    if not heard:
        return {}
    known = _known(
        session, [id for id, first in heard.items() if first[0].sequence > 1], kind, table
    )
    for identifier, envelopes in heard.items():
        record = known.setdefault(identifier, kind(id=identifier))
        for envelope in envelopes:
            record.hear(envelope.event)
    names = [each.name for each in fields(kind)]
    many_rows.upsert(
        session,
        table,
        [{name: getattr(record, name) for name in names} for record in known.values()],
    )
    return known


def _known(session: Session, asked: Sequence[UUID], kind: type[K], table: Table) -> dict[UUID, K]:
    if not asked:
        return {}
    rows = session.execute(select(table).where(table.c.id.in_(asked))).mappings()
    return {row["id"]: kind(**row) for row in rows}


def _renew_deadlines(session: Session, changed: Mapping[UUID, KnownContract]) -> None:
    if not changed:
        return
    passed = delete(deadlines).where(deadlines.c.contract_id.in_(changed))
    session.execute(passed.execution_options(**UNANSWERED))
    many_rows.insert_new(
        session,
        deadlines,
        [
            {
                "id": deadline.id,
                "kind": deadline.kind,
                "contract_id": contract.id,
                "partner_id": contract.partner_id,
                "title": deadline.title,
                "due_on": deadline.due_on,
            }
            for contract in changed.values()
            for deadline in contract.deadlines
        ],
    )
