"""Partners from a file, until insight holds all of them; embedded."""

import csv
import json
from pathlib import Path

from services.imports.report import Outcome
from tests.benchmarks.figures import Figures, side_by_side, typical
from tests.benchmarks.ground import Ground
from tests.benchmarks.scale import Scale

ROOT = Path(__file__).resolve().parents[3]
#: Real material, where it lies beside the checkout.
UNIVERSITIES = ROOT.parent / "shared" / "data" / "world_universities.csv"
RATE = "per_s"


def measure(ground: Ground, scale: Scale) -> Figures:
    file = ground.folder / "universities.csv"
    if UNIVERSITIES.exists():
        lines = UNIVERSITIES.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: scale.import_rows + 1]), "utf-8")
    else:
        print(f"{UNIVERSITIES} is not here: the names are made up instead.")
        make_up(file, scale.import_rows)
    found = side_by_side(scale.repeats, ours=lambda: ours(ground, file))
    return {"import_partners_per_s": typical(found["ours"], RATE)}


def ours(ground: Ground, file: Path) -> Figures:
    """Rows a second, by the command's own clock: it ends when insight has them."""
    with ground.embedded() as office:
        command = office.start("services", "import", "partners", str(file), "--json")
        said = json.loads(command.result())
        return {RATE: sum(said[outcome] for outcome in Outcome) / said["seconds"]}


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
