"""Calls from the gateway to an owner and back, sixteen at once."""

from tests.benchmarks.figures import Figures, ratio, side_by_side, typical
from tests.benchmarks.ground import Ground
from tests.benchmarks.scale import Scale

AT_ONCE = 16
NAMEKO = "tests.benchmarks.peers.plain_nameko"
RATE, CPU = "per_s", "cpu_us"


def measure(ground: Ground, scale: Scale) -> Figures:
    found = side_by_side(
        scale.repeats,
        ours=lambda: ours(ground, scale.calls),
        nameko=lambda: nameko(ground, scale.calls),
    )
    return {
        "rpc_per_s": typical(found["ours"], RATE),
        "rpc_nameko_per_s": typical(found["nameko"], RATE),
        "rpc_vs_nameko": ratio(found["ours"], found["nameko"], RATE),
        "rpc_cpu_us": typical(found["ours"], CPU),
        "rpc_nameko_cpu_us": typical(found["nameko"], CPU),
    }


def ours(ground: Ground, count: int) -> Figures:
    with ground.office() as office:
        owner = office.run("contract")
        spent = owner.cpu_seconds
        caller = office.start("tests.benchmarks.caller", "contract", str(count), str(AT_ONCE))
        rate = float(caller.result())
        return {RATE: rate, CPU: (owner.cpu_seconds - spent) / count * 1e6}


def nameko(ground: Ground, count: int) -> Figures:
    with ground.peer() as place:
        where = place.settings.database_of("peer"), place.amqp_uri
        owner, gateway = (place.start(NAMEKO, role, *where) for role in ("own", "gateway"))
        owner.says("ready")
        gateway.says("ready")
        spent = owner.cpu_seconds
        caller = place.start(NAMEKO, "call", *where, str(count), str(AT_ONCE))
        rate = float(caller.result())
        return {RATE: rate, CPU: (owner.cpu_seconds - spent) / count * 1e6}
