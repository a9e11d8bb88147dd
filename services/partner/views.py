"""A new partner as it is shown to the person who proposed it."""

from typing import Any

from services.partner.domain.partner import Partner
from services.partner.known import Known


class WithSimilar:
    """A new partner with those whose names look like its own."""

    def __init__(self, partner: Partner, similar: list[Known]) -> None:
        self._partner = partner
        self.similar = similar

    def __getattr__(self, name: str) -> Any:
        return getattr(self._partner, name)
