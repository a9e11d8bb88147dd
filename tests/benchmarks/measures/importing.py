"""Partners from a file, until insight holds all of them; embedded."""

import csv
import json
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from services.imports.report import Outcome
from services.partner import queries
from services.partner.domain.policy import Policy
from services.partner.operations import operations
from shared.clock import SystemClock
from shared.database import Database
from shared.desk import Desk
from shared.events.vocabulary import Role
from shared.settings import Settings
from shared.work import Actor, Call, UnitOfWork
from tests.benchmarks.figures import Figures, side_by_side, typical
from tests.benchmarks.ground import Ground
from tests.benchmarks.scale import Scale

__all__ = ["queries"]  # loaded, so that the desk knows them

ROOT = Path(__file__).resolve().parents[3]
#: Real material, where it lies beside the checkout.
UNIVERSITIES = ROOT.parent / "shared" / "data" / "world_universities.csv"
RATE, SEARCH = "per_s", "search_ms"

#: Rare and common, short and long, of one word and of several, in other scripts, and not there.
SOUGHT = (
    "u",
    "un",
    "ecole",
    "university of",
    "universidad nacional de",
    "istanbul",
    "Ürü",
    "جامعة",
)


def measure(ground: Ground, scale: Scale) -> Figures:
    file = ground.folder / "universities.csv"
    if UNIVERSITIES.exists():
        lines = UNIVERSITIES.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: scale.import_rows + 1]), "utf-8")
    else:
        print(f"{UNIVERSITIES} is not here: the names are made up instead.")
        make_up(file, scale.import_rows)
    found = side_by_side(scale.repeats, ours=lambda: ours(ground, file))
    return {
        "import_partners_per_s": typical(found["ours"], RATE),
        "search_slowest_ms": typical(found["ours"], SEARCH),
    }


def ours(ground: Ground, file: Path) -> Figures:
    """Rows a second, by the command's own clock: it ends when insight has them."""
    with ground.embedded() as office:
        command = office.start("services", "import", "partners", str(file), "--json")
        said = json.loads(command.result())
        return {
            RATE: sum(said[outcome] for outcome in Outcome) / said["seconds"],
            SEARCH: slowest_search(office.settings),
        }


def slowest_search(settings: Settings) -> float:
    """Milliseconds for a page of partners, at the partner service; of each search the median."""
    with closing(Database(settings.database_of("partner"))) as database:
        desk = Desk(operations, UnitOfWork(database, SystemClock(), settings.zone, Policy()))
        call = Call(actor=Actor("bench", frozenset({Role.AUDITOR})))

        def search(text: str) -> float:
            began = time.perf_counter()
            desk.ask("list_partners", {"text": text}, call)
            return (time.perf_counter() - began) * 1000

        return max(median(search(text) for _ in range(9)) for text in SOUGHT)


def make_up(file: Path, rows: int) -> None:
    """A file of the same shape: names that are much alike, in a dozen countries."""
    places = ["North", "South", "New", "Royal", "Central", "Free", "Open", "Upper", "Lower"]
    kinds = ["University", "Institute of Technology", "Medical College", "Academy of Sciences"]
    countries = [*("AT", "BE", "BR", "CA", "CN", "DE", "EG", "ES", "FR", "GB", "IN", "JP", "KE")]
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["name", "country_code", "country", "region", "domain", "website"])
        for number in range(rows):
            place, kind = places[number % len(places)], kinds[number % len(kinds)]
            domain = f"u{number}.example.org"
            name = f"{place} {kind} of Province {number // 7}"
            country = countries[number % len(countries)]
            writer.writerow([name, country, "", "", domain, f"https://{domain}/"])
