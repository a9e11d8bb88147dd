"""How an entrypoint says no: refusals cross processes as plain values."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from shared.database import unavailable_when_down
from shared.errors import Refusal


def answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """Send refusals as plain values: the caller raises them again on its side.

    A database that is away is one, too.
    """

    @wraps(method)
    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            with unavailable_when_down(self.name):
                return method(self, *args, **kwargs)
        except Refusal as refusal:
            return {"refusal": refusal.to_plain()}

    return answer
