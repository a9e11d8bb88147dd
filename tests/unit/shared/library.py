"""A service in little, for tests of what stands round every use case: a library and its books."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from marshmallow import fields, validate
from sqlalchemy import Column, Integer, String, Table, Uuid, select
from sqlalchemy.orm import registry

from shared.aggregate import Aggregate
from shared.clock import Clock
from shared.columns import new_metadata
from shared.database import Database
from shared.desk import Desk
from shared.errors import Conflict
from shared.events.partner import PartnerReviewStarted
from shared.identifiers import new_id
from shared.operations import Operations
from shared.permissions import Extent, Permissions
from shared.schemas import Strict, text
from shared.work import UnitOfWork, Work

LIBRARY = Permissions(
    {"books.keep": "keep books", "books.read": "read books", "books.lend": "lend books"},
    {
        "librarian": dict.fromkeys(("books.keep", "books.read", "books.lend"), Extent.ALL),
        "reader": dict.fromkeys(("books.read", "books.lend"), Extent.ALL),
    },
)

metadata = new_metadata()

books = Table(
    "books",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("copies", Integer, nullable=False),
)


@dataclass(eq=False, kw_only=True)
class Book(Aggregate):
    kind: ClassVar[str] = "book"

    id: UUID
    reference: str
    title: str
    copies: int
    version: int = 0

    def lend(self) -> None:
        if not self.copies:
            raise Conflict("No copy is left. Wait for one to come back.", rule="a-copy-is-left")
        self.copies -= 1
        self.record(PartnerReviewStarted(partner_id=self.id))


registry(metadata=metadata).map_imperatively(Book, books, version_id_col=books.c.version)


class NewBook(Strict):
    title = text(required=True)
    copies = fields.Integer(load_default=1, strict=True, validate=validate.Range(0, 100))
    notes = fields.String(load_default="")


class BookView(Strict):
    id = fields.UUID()
    reference = fields.String()
    title = fields.String()
    copies = fields.Integer()


class Wanted(Strict):
    title = fields.String()


operations = Operations("library", permissions=LIBRARY)


@operations.command("POST /books", needs="books.keep", takes=NewBook, gives=BookView)
def acquire(work: Work, body: dict[str, Any]) -> Book:
    """Put a new book on the shelf."""
    return work.add(
        Book(
            id=new_id(),
            reference=work.next_reference("BOOK"),
            title=body["title"],
            copies=body["copies"],
        )
    )


class Shelved(Strict):
    reference = text(required=True)
    title = fields.String(required=True, allow_none=True)


@operations.command("POST /books/shelved", needs="books.keep", takes=Shelved, gives=BookView)
def shelve(work: Work, body: dict[str, Any]) -> Book:
    """Put a book under a reference of one's own, without looking whether that is taken."""
    return work.add(Book(id=new_id(), copies=1, **body))


@operations.command(
    "POST /books/{id}/lend", needs="books.lend", on=Book, gives=BookView, scoped_by="id"
)
def lend(work: Work, book: Book, _: dict[str, Any]) -> Book:
    """Lend a copy."""
    book.lend()
    return book


@operations.command("POST /books/{id}/burn", needs="books.keep", on=Book, gives=BookView)
def lend_and_fail(work: Work, book: Book, _: dict[str, Any]) -> Book:
    """Refuse after the event has been recorded."""
    book.lend()
    raise Conflict("Books are not burned here.", rule="no-burning")


@operations.query("GET /books/{id}", needs="books.read", on=Book, gives=BookView, scoped_by="id")
def get_book(work: Work, book: Book, _: dict[str, Any]) -> Book:
    """One book."""
    return book


@operations.listing(
    "GET /books",
    needs="books.read",
    takes=Wanted,
    gives=BookView,
    sorts={"title": books.c.title, "copies": books.c.copies},
    default_sort="title",
    key=books.c.id,
    scoped_by=books.c.id,
)
def list_books(work: Work, wanted: dict[str, Any]) -> Any:
    """The books."""
    statement = select(Book)
    if "title" in wanted:
        statement = statement.where(books.c.title == wanted["title"])
    return statement


def desk(database: Database, clock: Clock) -> Desk:
    metadata.create_all(database.engine)
    return Desk(operations, UnitOfWork(database, clock, ZoneInfo("Europe/London"), policy=None))
