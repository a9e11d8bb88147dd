"""A tiny service to put behind the gateway: notes, with what the real services have too."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import fields
from sqlalchemy import Column, Integer, String, Table, Uuid, select
from sqlalchemy.orm import registry

from shared.aggregate import Aggregate
from shared.columns import new_metadata
from shared.errors import Invalid, Unavailable
from shared.events.vocabulary import Role
from shared.identifiers import new_id
from shared.operations import Operations
from shared.permissions import Extent, Permissions
from shared.schemas import MoneyField, Strict, load, text
from shared.work import Work

metadata = new_metadata()
operations = Operations(
    "library",
    permissions=Permissions(
        {"notes.read": "read notes", "notes.write": "write notes"},
        {str(role): {"notes.read": Extent.ALL} for role in Role}
        | {
            str(role): dict.fromkeys(("notes.read", "notes.write"), Extent.ALL)
            for role in (Role.PARTNERSHIP_OFFICER, Role.ADMINISTRATOR)
        },
    ),
)


@dataclass(eq=False, kw_only=True)
class Note(Aggregate):
    kind: ClassVar[str] = "note"
    id: UUID
    title: str
    partner_id: UUID | None = None
    version: int = 0


notes = Table(
    "notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("partner_id", Uuid),
)
registry(metadata=metadata).map_imperatively(Note, notes, version_id_col=notes.c.version)


class NewNote(Strict):
    title = text(required=True)
    price = MoneyField(load_default=None, allow_none=True)
    weight = fields.Decimal(load_default=None, allow_none=True, as_string=True)


class ManyNotes(Strict):
    judged_later = frozenset(["notes"])

    notes = fields.List(fields.Raw(), required=True)
    shelf = text(load_default="")


class RefusedNotes(Strict):
    refused = fields.List(fields.Integer())


class Retitle(Strict):
    title = text(required=True)


class LineChoice(Strict):
    line_id = fields.Integer(required=True)


class NoteView(Strict):
    id = fields.UUID()
    title = fields.String()
    version = fields.Integer()


class NoteFilter(Strict):
    title = fields.String()


@operations.command(
    "POST /notes", needs="notes.write", takes=NewNote, gives=NoteView, creates="/notes/{id}"
)
def write_note(work: Work, body: dict[str, Any]) -> Note:
    """Write a note."""
    return work.add(Note(id=new_id(), title=body["title"], partner_id=work.actor.scope))


@operations.command("POST /notes/many", needs="notes.write", takes=ManyNotes, gives=RefusedNotes)
def write_notes(work: Work, body: dict[str, Any]) -> dict[str, list[int]]:
    """Write notes; those that cannot be taken are refused by themselves."""
    refused = []
    for number, note in enumerate(body["notes"]):
        try:
            write_note(work, load(NewNote(), note))
        except Invalid:
            refused.append(number)
    return {"refused": refused}


@operations.command(
    "POST /notes/{id}/retitle", on=Note, needs="notes.write", takes=Retitle, gives=NoteView
)
def retitle_note(_: Work, note: Note, body: dict[str, Any]) -> Note:
    """Give a note another title."""
    note.title = body["title"]
    return note


@operations.command(
    "DELETE /notes/{id}/lines/{line_id}",
    on=Note,
    needs="notes.write",
    takes=LineChoice,
    gives=NoteView,
    needs_version=False,
)
def strike_line(_: Work, note: Note, body: dict[str, Any]) -> Note:
    """Strike a line of a note."""
    note.title = f"without line {body['line_id']}"
    return note


@operations.query(
    "GET /notes/{id}", needs="notes.read", on=Note, gives=NoteView, scoped_by="partner_id"
)
def get_note(_: Work, note: Note, __: dict[str, Any]) -> Note:
    """One note."""
    return note


@operations.listing(
    "GET /notes",
    needs="notes.read",
    takes=NoteFilter,
    gives=NoteView,
    sorts={"title": notes.c.title},
    default_sort="title",
    key=notes.c.id,
    scoped_by=notes.c.partner_id,
)
def list_notes(_: Work, wanted: dict[str, Any]) -> Any:
    """Notes, by title."""
    statement = select(Note)
    return statement.where(notes.c.title == wanted["title"]) if "title" in wanted else statement


@operations.query("GET /broken", needs="notes.read", gives=NoteView)
def break_down(_: Work, __: dict[str, Any]) -> None:
    """Fails as nobody foresaw."""
    raise RuntimeError("secret internals")


@operations.query("GET /away", needs="notes.read", gives=NoteView)
def be_away(_: Work, __: dict[str, Any]) -> None:
    """Is unavailable."""
    raise Unavailable("The library is closed. Try again in a moment.", rule="closed")
