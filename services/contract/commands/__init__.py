"""What may be done to contracts, and by whom: a file for each stage of a contract's life."""

from services.contract.commands import (
    confirming,
    daily,
    drafting,
    performing,
    releases,
    reviewing,
    signing,
)

__all__ = ["confirming", "daily", "drafting", "performing", "releases", "reviewing", "signing"]
