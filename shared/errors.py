"""What can go wrong, in five words that mean the same in the domain, over RPC and over HTTP.

Every error says which rule refused and what would be accepted. Errors cross processes as plain
values (`to_plain`, `from_plain`), so that the gateway raises what the owner of the data raised.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """The request was understood and not carried out; nothing has been stored."""

    kind: ClassVar[str]
    #: HTTP status for the edge; kept here so that one table says it all.
    status: ClassVar[int]

    def __init__(
        self,
        message: str,
        *,
        rule: str = "",
        field: str = "",
        accepted: str = "",
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        """
        message: one sentence for a person, saying what to do next where that is not plain.
        rule: short stable name of the rule, e.g. ``milestones-sum-to-value``.
        field: path of the offending field, e.g. ``milestones.0.amount``.
        accepted: what would be accepted.
        errors: several findings at once, each with ``field``, ``rule`` and ``message``.
        """
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.field = field
        self.accepted = accepted
        self.errors = errors or []

    def to_plain(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "message": self.message,
            "rule": self.rule,
            "field": self.field,
            "accepted": self.accepted,
            "errors": self.errors,
        }


class NotFound(Refusal):
    kind, status = "not-found", 404


class Invalid(Refusal):
    kind, status = "invalid", 422


class Conflict(Refusal):
    """The state of things does not allow it (now)."""

    kind, status = "conflict", 409


class Stale(Conflict):
    """Somebody else changed it first; read it again."""

    kind, status = "stale", 412


class VersionMissing(Refusal):
    """A change must say which version it was made on."""

    kind, status = "version-missing", 428


class Unauthenticated(Refusal):
    kind, status = "unauthenticated", 401


class Forbidden(Refusal):
    kind, status = "forbidden", 403


class Unavailable(Refusal):
    """A part that is needed is down or still catching up; trying again later helps."""

    kind, status = "unavailable", 503


class Unexpected(Refusal):
    """A fault of ours; trying again will most likely not help. Its log tells us more."""

    kind, status = "unexpected", 500


_KINDS: dict[str, type[Refusal]] = {
    cls.kind: cls
    for cls in (
        NotFound,
        Invalid,
        Conflict,
        Stale,
        VersionMissing,
        Unauthenticated,
        Forbidden,
        Unavailable,
        Unexpected,
    )
}


def from_plain(plain: dict[str, Any]) -> Refusal:
    """The error that `to_plain` described."""
    return _KINDS[plain["kind"]](
        plain["message"],
        rule=plain["rule"],
        field=plain["field"],
        accepted=plain["accepted"],
        errors=plain["errors"],
    )
