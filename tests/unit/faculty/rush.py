"""One of several processes that enrol people at the same time.

Run as ``python -m tests.unit.faculty.rush DATABASE_URL PROGRAMME WANTED PARTICIPANT…``: says
"ready", waits for a line, enrols one after the other, and says what each got.
"""

import sys
from contextlib import closing

from shared.database import Database
from shared.errors import Refusal
from tests.unit.faculty.office import FacultyOffice


def enrol(office: FacultyOffice, programme: str, wanted: str, person: str) -> str:
    try:
        return str(
            office.do("enrol", id=programme, participant_id=person, wanted=wanted or None)["state"]
        )
    except Refusal as refusal:
        return refusal.rule


def main(url: str, programme: str, wanted: str, *people: str) -> None:
    with closing(Database(url)) as database:
        office = FacultyOffice(database)
        _say("ready")
        sys.stdin.readline()
        for person in people:
            _say(enrol(office, programme, wanted, person))


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
