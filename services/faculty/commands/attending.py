"""Attendance, person by person or as a whole list, and sessions that are cancelled."""

from functools import partial
from typing import Any

from services.faculty import schemas
from services.faculty.commands.certifying import settle_certificates
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.programme import Programme
from services.faculty.leading import must_lead
from services.faculty.operations import operations
from shared.errors import Stale
from shared.events.permissions import Permission
from shared.work import Work

#: A command about one person at one session: several desks may record others meanwhile.
_of_one_person = partial(
    operations.command,
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    needs_version=False,
    takes=schemas.OneAttendance,
    gives=schemas.ProgrammeView,
)


@operations.command(
    "PUT /programmes/{id}/sessions/{session_id}/attendance",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.AttendanceBody,
    gives=schemas.ProgrammeView,
)
def record_attendance(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Record everybody who was at a session, in place of what was recorded.

    For the whole list at once; where others may be recording as well, add or remove people one by
    one. A list that is there is replaced only by somebody who has seen it: If-Match names its
    version. After delivery certificates are issued and revoked accordingly.
    """
    if work.call.expected_version is None and programme.is_recorded(body["session_id"]):
        raise Stale(
            "Attendance of this session is recorded already. Read the programme and send its "
            "version, or add and remove people one by one.",
            rule="version",
            field="If-Match",
            accepted=f'"{programme.version}"',
        )
    programme.record_attendance(body["session_id"], tuple(body["present_ids"]), at=work.now)
    settle_certificates(work, programme)
    return programme


@_of_one_person("PUT /programmes/{id}/sessions/{session_id}/attendance/{participant_id}")
def add_attendance(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Record that one person was at a session; what is recorded of others stays."""
    programme.add_present(body["session_id"], body["participant_id"], at=work.now)
    settle_certificates(work, programme)
    return programme


@_of_one_person("DELETE /programmes/{id}/sessions/{session_id}/attendance/{participant_id}")
def remove_attendance(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Take back that one person was at a session; what is recorded of others stays."""
    programme.remove_present(body["session_id"], body["participant_id"], at=work.now)
    settle_certificates(work, programme)
    return programme


@operations.command(
    "POST /programmes/{id}/sessions/{session_id}/cancel",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.SessionReason,
    gives=schemas.ProgrammeView,
)
def cancel_session(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Cancel one session, with the reason: it counts for nobody. The programme goes on."""
    programme.cancel_session(body["session_id"], body["reason"], at=work.now, policy=work.policy)
    settle_certificates(work, programme)
    return programme


@operations.command(
    "POST /programmes/{id}/sessions/{session_id}/reinstate",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.SessionChoice,
    gives=schemas.ProgrammeView,
)
def reinstate_session(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Take the cancellation of a session back; attendance recorded of it counts again."""
    programme.reinstate_session(
        body["session_id"],
        contract=work.get(KnownContract, programme.contract_id),
        at=work.now,
        policy=work.policy,
    )
    settle_certificates(work, programme)
    return programme
