"""Taking over participants from a list: each row registers somebody, enrols them, or says why not.

| Row | What becomes of it |
|---|---|
| an address that is not known | registered, and enrolled or put on the waiting list: created |
| a known address, and a name with a word in common | that person is enrolled: changed |
| a known address, and another name altogether | refused: two people, or a wrong address |
| no address, and one registered person of the name | that person is enrolled |
| no address, and several of the name, or nobody | refused |
| somebody who stands in the programme, under any record | unchanged |
| somebody who withdrew, declined or was turned away | skipped: no list takes that back |
| somebody of an earlier row | duplicate |
| a name that another person has too | taken; the other is named in `similar` |
| no place free after the start | refused; before it, everybody waits in the order of the list |

A dry run is the real run, rolled back; it is handed the earlier rows of the same list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError
from sqlalchemy import select

from services.faculty.domain.enrolment import Enrolment
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.people import other_records
from services.faculty.schemas import ImportedParticipant, ImportOutcome
from services.faculty.store import participants
from shared.errors import Conflict, Invalid, Refusal
from shared.names import found, same
from shared.people import email_key
from shared.schemas import load
from shared.work import Work

_ROW: Schema = ImportedParticipant()
#: Names of others that are named beside a row that was taken.
_MOST_SIMILAR = 5


@dataclass
class Verdict:
    """What became of one row. `reason` of a taken row says what is worth knowing."""

    place: int
    outcome: ImportOutcome = ImportOutcome.REFUSED
    participant_id: UUID | None = None
    enrolment: Enrolment | None = None
    field: str = ""
    reason: str = ""
    similar: Sequence[str] = ()


class _People:
    """Those registered whom the rows can be about: by address, and everybody's by name."""

    def __init__(self, work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
        self._emails_by_name: dict[str, list[str]] = {}
        everybody = select(participants.c.name, participants.c.email).order_by(participants.c.id)
        for name, email in work.session.execute(everybody):
            self._emails_by_name.setdefault(same(name), []).append(email)
        wanted = {email_key(row["email"]) for row in rows if row["email"]}
        for row in rows:
            wanted |= set() if row["email"] else self.emails_of(row["name"]).keys()
        self._by_email: dict[str, list[Participant]] = {}
        statement = select(Participant).where(participants.c.email.in_(wanted))
        for person in work.session.scalars(statement.order_by(participants.c.id)):
            self._by_email.setdefault(person.email, []).append(person)

    def add(self, person: Participant) -> None:
        self._by_email.setdefault(person.email, []).append(person)
        self._emails_by_name.setdefault(same(person.name), []).append(person.email)

    def records_of(self, email: str) -> Sequence[Participant]:
        return self._by_email.get(email_key(email), ())

    def emails_of(self, name: str) -> dict[str, None]:
        """The addresses of everybody of this name, each once."""
        return dict.fromkeys(self._emails_by_name.get(same(name), ()))


class Import:
    """One list on its way into a programme."""

    def __init__(self, work: Work, programme: Programme, body: Mapping[str, Any]) -> None:
        self._work = work
        self._programme = programme
        self._wanted = body["wanted"]
        self._partner_id = body["partner_id"]
        self._read = [
            _read(position, row)
            for position, row in enumerate([*body["earlier"], *body["rows"]], start=1)
        ]
        self._own = len(body["rows"])
        self._people = _People(work, [told for _, told in self._read if told])
        #: By person whom the list has brought: the place of the row.
        self._rows: dict[UUID, int] = dict(body["met"])

    def verdicts(self) -> list[Verdict]:
        """What became of each row, in the order of the list."""
        with self._work.session.no_autoflush:  # or every row would write the programme anew
            taken = [self._take(verdict, told) for verdict, told in self._read]
        return taken[len(taken) - self._own :]

    def _take(self, verdict: Verdict, told: dict[str, Any] | None) -> Verdict:
        if told is None:
            return verdict
        try:
            person = self._known(told)
            is_settled = person is not None and self._is_settled(verdict, person)
            if not is_settled:
                self._enrol(verdict, told, person)
        except Refusal as refused:
            verdict.field, verdict.reason = refused.field, refused.message
        return verdict

    def _known(self, told: dict[str, Any]) -> Participant | None:
        """The person whom the row is about, where they are registered. Raises Invalid, Conflict."""
        if not told["email"]:
            return self._named(told["name"])
        records = self._people.records_of(told["email"])
        if not records:
            return None
        person = self._record_here(records)
        if not _words(person.name) & _words(told["name"]):
            raise Conflict(
                f"This is the address of {person.name}. Correct the address or the name: two "
                "people need an address each.",
                rule="one-address-one-person",
                field="email",
            )
        return person

    def _named(self, name: str) -> Participant:
        emails = list(self._people.emails_of(name))
        if len(emails) == 1:
            return self._record_here(self._people.records_of(emails[0]))
        raise Invalid(
            f"Several people of this name are registered: {', '.join(emails[:_MOST_SIMILAR])}. Add "
            "the address."
            if emails
            else "Nobody of this name is registered. Add the address.",
            rule="found-by-name",
            field="email",
            accepted="an e-mail address",
        )

    def _record_here(self, records: Sequence[Participant]) -> Participant:
        """Of several of one person, that in the programme, else that of the programme's partner."""
        here = {each.participant_id for each in self._programme.enrolments}
        of_partner = self._programme.partner_id
        return min(records, key=lambda each: (each.id not in here, each.partner_id != of_partner))

    def _is_settled(self, verdict: Verdict, person: Participant) -> bool:
        """Whether nothing is to be done: the person has been dealt with, or has decided."""
        records = {person.id, *other_records(self._work, person)}
        before = next((self._rows[id_] for id_ in records if id_ in self._rows), None)
        latest = next(
            (
                each
                for each in reversed(self._programme.enrolments)
                if each.participant_id in records
            ),
            None,
        )
        if latest is None:
            return False
        verdict.participant_id, verdict.enrolment = latest.participant_id, latest
        if before is not None:
            verdict.outcome = ImportOutcome.DUPLICATE
            verdict.field, verdict.reason = "email", f"Row {before} is about the same person."
        elif latest.stands:
            verdict.outcome = ImportOutcome.UNCHANGED
        else:
            verdict.outcome = ImportOutcome.SKIPPED
            verdict.reason = (
                f"This person is {latest.state.in_words} already. If they come after all, enrol "
                "them on their own."
            )
        return True

    def _enrol(self, verdict: Verdict, told: dict[str, Any], known: Participant | None) -> None:
        person = known or self._registered(told)
        wanted = told["wanted"] or self._wanted
        programme, now = self._programme, self._work.now
        if programme.state is ProgrammeState.ENROLLING:
            enrolment = programme.enrol(person.id, at=now, policy=self._work.policy, wanted=wanted)
        else:
            enrolment = programme.enrol_late(person.id, at=now, wanted=wanted)
        verdict.outcome = ImportOutcome.CHANGED if known else ImportOutcome.CREATED
        verdict.participant_id, verdict.enrolment = person.id, enrolment
        self._rows[person.id] = verdict.place
        if known is None:
            verdict.similar = self._others_named(person.name)
            self._work.add(person)
            self._people.add(person)
        elif same(person.name) != same(told["name"]):
            verdict.field = "name"
            verdict.reason = f"Registered as {person.name}; that name stays."

    def _registered(self, told: dict[str, Any]) -> Participant:
        if not told["profession"]:
            raise Invalid(
                "Somebody who is not registered yet needs a profession.",
                rule="required",
                field="profession",
            )
        return Participant.register(
            name=told["name"],
            email=told["email"],
            profession=told["profession"],
            partner_id=self._partner_id,
            account_id=None,
            by=self._work.actor.id,
        )

    def _others_named(self, name: str) -> list[str]:
        return list(self._people.emails_of(name))[:_MOST_SIMILAR]


def _read(position: int, row: Any) -> tuple[Verdict, dict[str, Any] | None]:
    """The row as read, or None beside the verdict that refuses it."""
    verdict = Verdict(_place(row) or position)
    try:
        if not isinstance(row, dict):
            raise Invalid("Must be an object: { … }.", rule="type")
        told: dict[str, Any] = load(_ROW, {**row, **_wanted(row.get("wanted"))})
    except Invalid as refused:
        verdict.field = refused.field
        verdict.reason = refused.errors[0]["message"] if refused.errors else refused.message
        return verdict, None
    return verdict, told


def _wanted(told: Any) -> dict[str, Any]:
    """On-site, remote or either in whatever spelling; the schema judges it."""
    if not isinstance(told, str):
        return {}
    return {"wanted": "_".join(same(told).replace("-", " ").split()) or None}


def _place(row: Any) -> int | None:
    """The number that a row has in its file, also where the row itself is refused."""
    try:
        told: int | None = _ROW.fields["place"].deserialize(row["place"])
    except (TypeError, KeyError, ValidationError):
        return None
    return told


def _words(name: str) -> set[str]:
    return set(found(name).split())
