"""Signed calls are carried out once: what a service has taken is remembered while it could live."""

import time
from collections.abc import Callable

#: Calls that are told apart within a life; beyond, the oldest are forgotten before their time.
KNOWN = 100_000


class TakenCalls:
    """Remembers calls by their signatures, each for at least one life and for at most two.

    Two generations: the older one goes as a whole, so that nothing has to be sorted by age.
    """

    def __init__(self, life: float, clock: Callable[[], float] = time.monotonic) -> None:
        """life: seconds within which a signed call is carried out at all."""
        self._life = life
        self._clock = clock
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()
        self._since = clock()

    def is_first(self, signature: bytes) -> bool:
        """Whether a call has not been taken yet; from now on it has been."""
        self._forget()
        known = signature[:16]  # 128 bits tell any two apart, in a quarter of the memory
        if known in self._new or known in self._old:
            return False
        self._new.add(known)
        return True

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def _forget(self) -> None:
        age = self._clock() - self._since
        if age < self._life and len(self._new) < KNOWN:
            return
        self._old = self._new if age < 2 * self._life else set()
        self._new, self._since = set(), self._clock()
