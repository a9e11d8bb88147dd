"""What can go wrong, in five words that mean the same in the domain, over RPC and over HTTP.

Every error says which rule refused and what would be accepted. Errors cross processes as plain
values (`to_plain`, `from_plain`), so that the gateway raises what the owner of the data raised.
"""

from typing import Any, ClassVar

#: Findings that one refusal lists; the remainder is counted.
LISTED = 50
#: Characters of a message, and of the path of a field: both may quote what was sent.
LONGEST_MESSAGE, LONGEST_FIELD = 1_000, 200


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
        further_errors: int = 0,
    ) -> None:
        """
        message: one sentence for a person, saying what to do next where that is not plain.
        rule: short stable name of the rule, e.g. ``milestones-sum-to-value``.
        field: path of the offending field, e.g. ``milestones.0.amount``.
        accepted: what would be accepted.
        errors: several findings at once, each with ``field``, ``rule`` and ``message``.
        further_errors: how many findings there are beside `errors`.

        What is kept is bounded, so that no answer grows with the request: LISTED findings, and
        long texts shortened.
        """
        self.message = _shortened(message, LONGEST_MESSAGE)
        super().__init__(self.message)
        self.rule = rule
        self.field = _shortened(field, LONGEST_FIELD)
        self.accepted = _shortened(accepted, LONGEST_MESSAGE)
        findings = errors or []
        self.errors = [_bounded(each) for each in findings[:LISTED]]
        self.further_errors = further_errors + max(0, len(findings) - LISTED)

    def to_plain(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "message": self.message,
            "rule": self.rule,
            "field": self.field,
            "accepted": self.accepted,
            "errors": self.errors,
            "further_errors": self.further_errors,
        }


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _bounded(finding: dict[str, str]) -> dict[str, str]:
    limits = {"field": LONGEST_FIELD}
    return {
        key: _shortened(text, limits.get(key, LONGEST_MESSAGE)) for key, text in finding.items()
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
        further_errors=plain["further_errors"],
    )
