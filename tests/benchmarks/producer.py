"""The contract service at work: it drafts contracts, one in each transaction, when ordered to.

    python -m tests.benchmarks.producer SERVICE …

The service, its relay and whatever other services are named run in this process, as they do in an
office; state and event are committed by its unit of work.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from eventlet.hubs import trampoline  # noqa: E402

from services import logs  # noqa: E402
from services.contract.domain.contract import Contract  # noqa: E402
from services.contract.domain.partners import KnownPartner  # noqa: E402
from services.platform import Platform  # noqa: E402
from shared import settings as configuration  # noqa: E402
from shared.identifiers import new_id  # noqa: E402
from shared.messaging.service import Runtime  # noqa: E402
from shared.work import (  # noqa: E402
    Call,
    UnitOfWork,
    Work,
)
from tests.benchmarks.histories import PARTNERS, TERMS  # noqa: E402
from tests.benchmarks.orders import orders, paced  # noqa: E402

PARTNER = KnownPartner(id=PARTNERS[0], reference="PTR-2026-0001", name="Partner university")


def draft(work: Work) -> Contract:
    id = new_id()
    return work.add(
        Contract.draft(
            id=id,
            reference=f"B-{id.hex[-14:]}",
            partner=PARTNER,
            terms=TERMS,
            by="officer-1",
            at=work.now,
            policy=work.policy,
        )
    )


def unit_of_work(platform: Platform) -> UnitOfWork:
    (container,) = [each for each in platform.runner.containers if each.service_name == "contract"]
    (runtime,) = [each for each in container.dependencies if isinstance(each, Runtime)]
    return runtime.unit_of_work


def main(names: list[str]) -> None:
    settings = configuration.read()
    logs.configure(settings.log_level)
    platform = Platform(settings, names)
    platform.start()
    work = unit_of_work(platform)
    for count, rate in orders(lambda: trampoline(sys.stdin.fileno(), read=True)):
        # Others take their turn after each, as they do between two requests.
        for _ in paced(count, rate, eventlet.sleep):
            work.run(Call(), draft)
    platform.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
