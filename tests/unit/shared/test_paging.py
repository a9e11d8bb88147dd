"""Walking from page to page gives the whole list, in order, each item once."""

import base64
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, Integer, String, Table, Uuid, delete, insert, select

from shared import paging
from shared.columns import Moment, new_metadata
from shared.database import Database
from shared.errors import Invalid
from shared.operations import PageParameters
from shared.schemas import load

metadata = new_metadata()
visits = Table(
    "visits",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("place", String(20), nullable=False),
    Column("people", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
)
SORTS = {name: visits.c[name] for name in ("place", "people", "day", "at")}

START = datetime(2026, 1, 1, tzinfo=UTC)
# Few different values, so that ties are common.
ROWS = st.lists(
    st.tuples(st.sampled_from("aBéz"), st.integers(-2, 2), st.integers(0, 3)), max_size=25
).map(
    lambda drawn: [
        {
            "id": UUID(int=(7 * number) % 31 + 1),
            "place": place,
            "people": people,
            "day": (START + timedelta(days=days)).date(),
            "at": START + timedelta(seconds=days / 7),
        }
        for number, (place, people, days) in enumerate(drawn)
    ]
)


@pytest.fixture(scope="module")
def small_database() -> Iterator[Database]:
    with closing(Database("sqlite://")) as made:
        metadata.create_all(made.engine)
        yield made


def walk(database: Database, sort: str, limit: int) -> Iterator[list[Any]]:
    cursor = None
    while True:
        with database.reading() as session:
            page = paging.fetch(
                session,
                select(visits),
                sorts=SORTS,
                key=visits.c.id,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
        yield [dict(each) for each in page.items]
        cursor = page.next
        if cursor is None:
            return


@pytest.mark.row("X4")
@given(rows=ROWS, sort=st.sampled_from(sorted(SORTS)), down=st.booleans(), limit=st.integers(1, 7))
def test_the_pages_together_are_the_sorted_whole(
    small_database: Database, rows: list[dict[str, Any]], sort: str, down: bool, limit: int
) -> None:
    with small_database.transaction() as session:
        session.execute(delete(visits))
        if rows:
            session.execute(insert(visits), rows)
    pages = list(walk(small_database, f"-{sort}" if down else sort, limit))
    walked = [(each[sort], each["id"]) for page in pages for each in page]
    assert walked == sorted(((row[sort], row["id"]) for row in rows), reverse=down)
    assert all(0 < len(page) <= limit for page in pages) or not rows


@pytest.mark.row("X4")
@pytest.mark.parametrize("sort", [*sorted(SORTS), *(f"-{name}" for name in sorted(SORTS))])
def test_the_next_page_begins_after_the_last_item_over_both_stores(
    database: Database, sort: str
) -> None:
    metadata.create_all(database.engine)
    rows = [
        {
            "id": UUID(int=number + 1),
            "place": "ab"[number % 2],
            "people": number % 3,
            "day": (START + timedelta(days=number % 2)).date(),
            "at": START + timedelta(microseconds=number % 4),
        }
        for number in range(9)
    ]
    with database.transaction() as session:
        session.execute(insert(visits), rows)
    name = sort.removeprefix("-")
    walked = [(each[name], each["id"]) for page in walk(database, sort, 2) for each in page]
    assert walked == sorted(((r[name], r["id"]) for r in rows), reverse=sort != name)


@pytest.mark.row("X4")
@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize(
    "place",
    [
        r'"\ud800"',
        r'"\u0000"',
        "1e400",
        "NaN",
        "9" * 400,
        "-" + "9" * 25,
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-12:00"',
        "[" * 3000 + "]" * 3000,
        "{}",
        "null",
    ],
)
def test_a_made_up_cursor_is_refused_or_read(
    small_database: Database, sort: str, place: str
) -> None:
    content = f'["{sort}", {place}, "{UUID(int=1)}"]'
    cursor = base64.urlsafe_b64encode(content.encode()).decode()
    with suppress(Invalid), small_database.reading() as session:
        paging.fetch(
            session,
            select(visits),
            sorts=SORTS,
            key=visits.c.id,
            sort=sort,
            limit=1,
            cursor=cursor,
        )


@pytest.mark.row("X4")
@pytest.mark.parametrize("cursor", ["x", "bm8", "WyJwbGFjZSIsIDFd", "MTI", "é", "\ud800"])
def test_a_cursor_that_is_none_of_ours_is_refused(small_database: Database, cursor: str) -> None:
    with pytest.raises(Invalid) as refusal, small_database.reading() as session:
        paging.fetch(
            session,
            select(visits),
            sorts=SORTS,
            key=visits.c.id,
            sort="place",
            limit=1,
            cursor=cursor,
        )
    assert refusal.value.field == "cursor"


@pytest.mark.row("X4")
def test_an_unknown_sort_is_refused_with_those_that_there_are(small_database: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        next(walk(small_database, "colour", 1))
    assert refusal.value.field == "sort"
    assert "place" in refusal.value.accepted


@pytest.mark.parametrize("limit", ["٥", "+5", " 5", "5_0", "5.0", "1e1", "", "abc", "9" * 5000])
def test_the_length_of_a_page_is_a_plain_number(limit: str) -> None:
    with pytest.raises(Invalid) as refused:
        load(PageParameters(), {"limit": limit})
    assert refused.value.errors[0] == {
        "field": "limit",
        "rule": "type",
        "message": "Must be a whole number, such as 50.",
    }


def test_the_length_of_a_page_may_be_left_out_or_given_as_text() -> None:
    assert load(PageParameters(), {})["limit"] == 50
    assert load(PageParameters(), {"limit": "25"})["limit"] == 25
