"""Taking contracts over from other systems, one by one or in batches."""

from typing import Any

from services.contract import schemas
from services.contract.domain.partners import KnownPartner
from services.contract.importing import Origins, Verdict, take, take_or_refuse
from services.contract.operations import operations
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /contracts/import",
    needs=Permission.CONTRACT_IMPORT,
    takes=schemas.Release,
    gives=schemas.ImportedContract,
)
def import_contract(work: Work, body: dict[str, Any]) -> Verdict:
    """Take one signed contract from another system; it awaits somebody else's confirmation.

    The outcome is created, changed, unchanged or skipped. A later release of the same origin
    changes it; the same release again changes nothing.
    """
    return take(work, Origins.named_by(work, [body]), body)


@operations.command(
    "POST /contracts/imports",
    needs=Permission.CONTRACT_IMPORT,
    takes=schemas.ReleaseBatch,
    gives=schemas.ImportedContracts,
)
def import_contracts(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Take up to 500 signed contracts, each with its own outcome; one that is refused stops none.

    A dry run is the same, rolled back at its end: `earlier` are the rows of the same file that came
    before, `partners` those that it would have made.
    """
    earlier, mark = list[Any](), body["decimal_mark"]
    if body["dry_run"]:
        work.try_out()
        earlier = body["earlier"]
        for each in body["partners"]:
            work.add(KnownPartner(**each, reference=""))
    origins = Origins.named_by(work, [*earlier, *body["rows"]])
    # Written together at the end, not before each question to the database.
    with work.session.no_autoflush:
        for row in earlier:
            take_or_refuse(work, origins, row, mark)
        return {"rows": [take_or_refuse(work, origins, row, mark) for row in body["rows"]]}
