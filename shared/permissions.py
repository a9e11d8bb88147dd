"""Who may do what, as one table: for each role the permissions it has, and how far each reaches.

The mechanism only; the office's words and its table are `shared.events.permissions`.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum


class Extent(IntEnum):
    """How far a permission reaches; of several roles the furthest counts."""

    #: Only what belongs to the person, or to the partner that an outsider speaks for.
    OWN = 1
    ALL = 2


class Permissions:
    """A table of permissions, asked by those who own the data. A role not in it has none."""

    def __init__(
        self,
        words: Mapping[str, str],
        granted: Mapping[str, Mapping[str, Extent]],
        *,
        money: str | None = None,
    ) -> None:
        """words: each permission as a verb phrase ("approve contracts"); granted: by role;
        money: the permission that every amount needs, where amounts are not open to all."""
        unknown = {each for grants in granted.values() for each in grants} - set(words)
        if unknown:
            raise ValueError(f"permissions without words: {', '.join(sorted(unknown))}")
        self._words = words
        self._granted = granted
        self.money = money

    def extent(self, roles: Iterable[str], permission: str) -> Extent | None:
        """How far the permission reaches for somebody with these roles; None: not at all."""
        held = (self._granted.get(role, {}).get(permission) for role in roles)
        return max((each for each in held if each is not None), default=None)

    def allows(self, roles: Iterable[str], permission: str) -> bool:
        """Whether the permission reaches everything, for somebody with these roles."""
        return self.extent(roles, permission) is Extent.ALL

    def holders(self, permission: str) -> dict[str, Extent]:
        """The roles that have a permission, in the order of the table."""
        return {
            role: grants[permission]
            for role, grants in self._granted.items()
            if permission in grants
        }

    def in_words(self, permission: str) -> str:
        return self._words[permission]
