"""The REST API under sixteen clients, beside a plain application that does the same work."""

from typing import Any
from uuid import uuid4

from tests.benchmarks.door import Door
from tests.benchmarks.figures import Figures, ratio, side_by_side, typical
from tests.benchmarks.ground import Ground, Place
from tests.benchmarks.scale import Scale
from tests.benchmarks.seeding import approve_partner

KINDS = ("get", "list", "command")
PEER = "tests.benchmarks.peers.monolith"


def measure(ground: Ground, scale: Scale) -> Figures:
    with ground.office() as office, ground.peer() as place:
        doors = {"ours": ours(office), "monolith": monolith(place)}
        ids = {name: drafted(door, scale.contracts) for name, door in doors.items()}
        compare(doors, ids)
        figures: Figures = {}
        for kind in KINDS:
            found = side_by_side(
                scale.repeats,
                **{
                    name: lambda name=name, door=door, kind=kind: door.under_load(
                        kind, ids[name], scale.request_seconds
                    )
                    for name, door in doors.items()
                },
            )
            figures |= {
                f"api_{kind}_per_s": typical(found["ours"], "per_s"),
                f"api_{kind}_monolith_per_s": typical(found["monolith"], "per_s"),
                f"api_{kind}_vs_monolith": ratio(found["ours"], found["monolith"], "per_s"),
                f"api_{kind}_p99_ms": typical(found["ours"], "p99_ms"),
            }
        return figures


def ours(office: Place) -> Door:
    """Gateway and contract service, each a process; insight listens as always."""
    approve_partner(office)
    for service in ("contract", "gateway", "insight"):
        office.run(service)
    return Door(office, office.settings.port, token(office))


def token(office: Place) -> str:
    """The secret of a token for all that is measured, issued on the command line."""
    command = office.start(
        "services",
        "token",
        "create",
        "--name=Bench",
        "--role=administrator",
        "--role=partnership_manager",
        "--role=finance",
    )
    return command.result()


def monolith(place: Place) -> Door:
    secret, port = uuid4().hex, place.settings.port
    place.start(PEER, place.settings.database_of("peer"), str(port), secret).says("ready")
    return Door(place, port, secret)


def drafted(door: Door, count: int) -> list[str]:
    return [door.draft()["id"] for _ in range(count)]


def compare(doors: dict[str, Door], ids: dict[str, list[str]]) -> None:
    """Raises where the two do not answer alike: their figures would tell nothing."""
    for path in ("/contracts/{id}", "/contracts?limit=50"):
        shapes = {
            name: shape(door.ask(path.format(id=ids[name][0]))) for name, door in doors.items()
        }
        if shapes["ours"] != shapes["monolith"]:
            raise AssertionError(f"GET {path} is answered differently: {shapes}")


def shape(answer: Any) -> Any:
    """The names in an answer, without what they hold."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in answer.items()}
    return [shape(each) for each in answer[:1]] if isinstance(answer, list) else type(answer)
