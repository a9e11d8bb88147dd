"""The faculty-development service's own tables, mapped onto its domain."""

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import registry

from services.faculty.domain.answers import Answer, Respondent, Result
from services.faculty.domain.attendance import Attendance
from services.faculty.domain.certificate import Certificate
from services.faculty.domain.design import Contributor, Outcome, Session
from services.faculty.domain.enrolment import Enrolment
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.known_contract import ContractStanding, KnownContract
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from shared import finding
from shared.columns import Exact, Values, Word, new_metadata
from shared.events.faculty import Revocation
from shared.events.vocabulary import ProgrammeKind

metadata = new_metadata()

programmes = Table(
    "programmes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("kind", Word(ProgrammeKind), key="programme_kind", nullable=False),
    Column("title", String(300), nullable=False),
    Column("lead_id", String(80), nullable=False, index=True),
    Column("capacity", Integer, nullable=False),
    Column("remote_capacity", Integer),
    Column("outcomes", Values(Outcome), nullable=False),
    Column("sessions", Values(Session), nullable=False),
    Column("contributors", Values(Contributor), nullable=False),
    Column("state", Word(ProgrammeState), nullable=False, index=True),
    Column("enrolments", Values(Enrolment), nullable=False),
    Column("attendance", Values(Attendance), nullable=False),
    Column("percent_to_attend", Integer),
    Column("cancelled_because", Text),
    *finding.key_columns(),
    Column("cancelled_from", Word(ProgrammeState)),
)

participants = Table(
    "participants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("email", String(254), nullable=False, index=True),
    Column("profession", String(200), nullable=False),
    Column("partner_id", Uuid, index=True),
    Column("account_id", String(80), index=True),
    Column("linked_accounts", Values(str), nullable=False),
    *finding.key_columns(),
    # Not the address alone: a partner must not learn from a refusal whom others have registered.
    UniqueConstraint("partner_id", "email"),
)
Index(
    "ix_participants_email_without_partner",
    participants.c.email,
    unique=True,
    postgresql_where=participants.c.partner_id.is_(None),
    sqlite_where=participants.c.partner_id.is_(None),
)

certificates = Table(
    "certificates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", String(20), nullable=False, unique=True),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("participant_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("name", String(300), nullable=False),
    Column("title", String(300), nullable=False),
    Column("hours", Exact, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("replaces_id", Uuid),
    Column("revoked_on", Date),
    Column("revoked_because", Word(Revocation)),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("programme_id", Uuid, nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("respondents", Values(Respondent), nullable=False),
    # In an order of their own, rewritten as a whole: neither time nor order of coming is kept.
    Column("answers", Values(Answer), nullable=False),
    Column("released", Values(Result), nullable=False),
    Column("due_on", Date, index=True),
)

known_contracts = Table(
    "known_contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(20), nullable=False),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("standing", Word(ContractStanding), nullable=False),
)

_mapped = registry(metadata=metadata)
for _aggregate, _table in (
    (Programme, programmes),
    (Participant, participants),
    (Certificate, certificates),
    (Evaluation, evaluations),
):
    _mapped.map_imperatively(_aggregate, _table, version_id_col=_table.c.version)
_mapped.map_imperatively(KnownContract, known_contracts)
finding.keep(
    Programme,
    name=lambda programme: programme.title,
    found_by=lambda programme: (programme.reference, programme.title),
)
finding.keep(
    Participant,
    name=lambda participant: participant.name,
    found_by=lambda participant: (participant.name, participant.email),
)
