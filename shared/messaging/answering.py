"""How an entrypoint says no: refusals cross processes as plain values."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from shared.database import is_down
from shared.errors import Refusal, database_down


def answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """Send refusals as plain values: the caller raises them again on its side.

    A database that is away is one, too.
    """

    @wraps(method)
    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except Refusal as refusal:
            return {"refusal": refusal.to_plain()}
        except Exception as error:
            if is_down(error):
                return {"refusal": database_down(self.name).to_plain()}
            raise

    return answer
