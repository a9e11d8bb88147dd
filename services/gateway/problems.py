"""Whatever goes wrong, said in one form: problem details (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, json

from shared.errors import Refusal, Unavailable

MEDIA_TYPE = "application/problem+json"

#: Seconds after which a caller may try again what was unavailable.
RETRY_AFTER = 5


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its title and what whoever meets it can do."""

    status: int
    title: str
    advice: str


#: Every problem that the gateway answers with, by the last part of its type.
KINDS: Mapping[str, Kind] = {
    "malformed": Kind(
        400,
        "The request cannot be read",
        "Correct the request as the detail says: its JSON, a header or its encoding is wrong.",
    ),
    "unauthenticated": Kind(
        401,
        "Not signed in",
        "Send an API token in the header `Authorization: Bearer ent_…`. "
        "An administrator issues tokens and can replace one that was revoked.",
    ),
    "forbidden": Kind(
        403,
        "Not allowed for your roles",
        "The detail names the roles that may do this. Ask somebody who has one, "
        "or ask an administrator for the role.",
    ),
    "not-found": Kind(
        404,
        "Not found",
        "Check the address or the id. What you may not see is answered as if it did not exist.",
    ),
    "method-not-allowed": Kind(
        405,
        "Not possible at this address",
        "Use one of the methods in the header `Allow`.",
    ),
    "not-acceptable": Kind(
        406,
        "Not available in this form",
        "Answers are JSON: accept `application/json`, or leave the header `Accept` out.",
    ),
    "conflict": Kind(
        409,
        "Not possible in the present state",
        "The detail says what stands in the way. Nothing has been changed.",
    ),
    "stale": Kind(
        412,
        "Somebody else changed it first",
        "Read the record again, look at what changed, and send your change with its new `ETag`.",
    ),
    "too-large": Kind(413, "The request is too large", "Send less at once."),
    "unsupported-media-type": Kind(
        415,
        "Not a form that can be read",
        "Send the body as UTF-8 JSON with `Content-Type: application/json`, not compressed.",
    ),
    "invalid": Kind(
        422,
        "Something in the request is not right",
        "`errors` names each field with the rule that it breaks. Nothing has been stored.",
    ),
    "version-missing": Kind(
        428,
        "The version is missing",
        "Say which version you are changing: send the `ETag` that you read in the header "
        "`If-Match`, so that nobody's change is overwritten unseen.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "Wait for the seconds in `Retry-After`, then go on more slowly.",
    ),
    "unexpected": Kind(
        500,
        "Something went wrong on our side",
        "It has been noted. Try again; if it stays, tell the office the correlation id.",
    ),
    "unavailable": Kind(
        503,
        "Not available right now",
        "A part that is needed is down or still catching up. Try again after the seconds in "
        "`Retry-After`; with the same `Idempotency-Key` nothing happens twice.",
    ),
}

_BY_STATUS = {kind.status: name for name, kind in KINDS.items()}


class BadRequest(Refusal):
    """The request could not even be read."""

    kind, status = "malformed", 400


class UnsupportedMediaType(Refusal):
    kind, status = "unsupported-media-type", 415


class TooManyRequests(Refusal):
    """More than the office allows in a time; `retry_after` are the seconds to wait."""

    kind, status = "too-many-requests", 429

    def __init__(self, allowed: str, retry_after: int) -> None:
        """allowed: how many in which time."""
        super().__init__(
            f"Too many requests. Try again in {retry_after} s.",
            rule="rate",
            accepted=f"at most {allowed}",
        )
        self.retry_after = retry_after


class NotAcceptable(Refusal):
    kind, status = "not-acceptable", 406


def kind_of_status(status: int) -> str:
    """The kind of problem that stands for an HTTP status; "malformed" for any other 4xx."""
    return _BY_STATUS.get(
        status,
        "malformed" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "unexpected",
    )


def problem(
    kind: str,
    detail: str,
    *,
    instance: str,
    correlation_id: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem as an answer. `more` are further members; empty ones are left out."""
    known = KINDS[kind]
    content = {
        "type": f"/problems/{kind}",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "instance": instance,
        "correlation_id": correlation_id,
        **{key: value for key, value in more.items() if value},
    }
    response = Response(json.dumps(content, ensure_ascii=False), known.status, mimetype=MEDIA_TYPE)
    response.headers.update(headers or {})
    if kind == Unavailable.kind:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if kind == "unauthenticated":
        response.headers.setdefault("WWW-Authenticate", 'Bearer realm="entente"')
    return response


def of_refusal(refusal: Refusal, *, instance: str, correlation_id: str) -> Response:
    """A refusal, wherever it was raised, as an answer."""
    findings = refusal.errors
    if refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY and not findings:
        findings = [{"field": refusal.field, "rule": refusal.rule, "message": refusal.message}]
        if refusal.accepted:
            findings[0]["accepted"] = refusal.accepted
    waiting = getattr(refusal, "retry_after", None)
    return problem(
        refusal.kind,
        refusal.message,
        headers={"Retry-After": str(waiting)} if waiting else None,
        instance=instance,
        correlation_id=correlation_id,
        rule=refusal.rule,
        field=refusal.field,
        accepted=refusal.accepted,
        errors=findings,
        further_errors=refusal.further_errors,
    )
