"""Requests, read strictly: what is ambiguous or cannot be stored is refused at the door."""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import Request
from marshmallow import fields

from services.gateway.problems import BadRequest, NotAcceptable, UnsupportedMediaType
from shared.errors import Invalid, VersionMissing
from shared.operations import Operation

#: JSON nested deeper than this is refused: no command needs a fifth of it.
DEEPEST = 32

#: The version, with or without what follows it in the ETag of an answer.
_VERSION = re.compile(r'"(0|[1-9]\d{0,8})(?:-[0-9a-f]{16})?"')
_KEY = re.compile(r"[!-~]{1,100}")
#: What no database stores as text.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_UNPAIRED_SURROGATE = re.compile("[\ud800-\udfff]")
#: A binary fraction (64 bits) keeps every decimal number of so many characters as it was written.
_KEPT_AS_WRITTEN = 15


def body(request: Request, operation: Operation) -> dict[str, Any]:
    """What a command is told: the JSON body and the parts of the path.

    Raises UnsupportedMediaType, BadRequest (JSON that cannot be read; says where), Invalid.
    """
    sent = _json(request)
    _check_depth(sent)
    if not isinstance(sent, dict):
        raise Invalid("The body must be a JSON object.", rule="schema", accepted="{ … }")
    later: frozenset[str] = getattr(operation.schema_in, "judged_later", frozenset())
    _check_texts({name: part for name, part in sent.items() if name not in later})
    for name in later & sent.keys():
        sent[name] = _carried(sent[name])
    return _with_path(sent, request)


def parameters(request: Request, operation: Operation) -> dict[str, Any]:
    """What a query is told: the query string and the parts of the path. Raises Invalid."""
    known = operation.schema_in.fields
    told: dict[str, Any] = {}
    for name, values in request.args.lists():
        _check_text(name)
        for value in values:
            _check_text(value)
        if isinstance(known.get(name), fields.List):
            told[name] = values
        elif len(values) > 1:
            raise Invalid(
                f"{name} is given more than once.",
                rule="given-once",
                field=name,
                accepted="one value",
            )
        else:
            told[name] = values[0]
    return _with_path(told, request)


def expected_version(request: Request, operation: Operation) -> int | None:
    """The version in If-Match; None where none is wanted, and for ``*``: whatever it is now.

    Raises VersionMissing where the operation needs one, BadRequest on what is no strong ETag.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        if operation.needs_version:
            raise VersionMissing(
                "Say which version you change: send the ETag that you read in If-Match.",
                rule="version-missing",
                field="If-Match",
                accepted='the ETag of the record, such as "3"',
            )
        return None
    if sent.strip() == "*":
        return None
    match = _VERSION.fullmatch(sent.strip())
    if not match:
        raise BadRequest(
            f"If-Match must hold one strong ETag as it was read; {sent[:50]!r} is none.",
            rule="if-match",
            field="If-Match",
            accepted='the ETag of the record, such as "3", or * for any version',
        )
    return int(match[1])


def command_id(request: Request, actor_id: str) -> str | None:
    """The Idempotency-Key as a command id: it counts for this actor alone. Raises BadRequest.

    Hashed, so that any key fits where command ids are stored.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "The Idempotency-Key must be 1 to 100 visible ASCII characters, without spaces.",
            rule="idempotency-key",
            field="Idempotency-Key",
            accepted="for example a UUID, made new for each new request",
        )
    return f"{actor_id}:{hashlib.sha256(key.encode()).hexdigest()}"


def check_acceptable(request: Request) -> None:
    """Raises NotAcceptable where the caller takes no JSON."""
    if request.accept_mimetypes and not request.accept_mimetypes["application/json"]:
        raise NotAcceptable(
            "Answers are JSON, which the Accept header excludes.",
            rule="accept",
            field="Accept",
            accepted="application/json",
        )


def _json(request: Request) -> Any:
    raw = request.get_data(cache=False)
    request.stream.read(1)  # refuses what is longer than allowed where no length was announced
    # eventlet's server says text/plain for whoever names no type at all.
    if not raw and request.mimetype in ("", "application/json", "text/plain"):
        return {}
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoded = request.headers.get("Content-Encoding", "identity") != "identity"
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8") or encoded:
        raise UnsupportedMediaType(
            "The body must be sent as UTF-8 JSON.",
            rule="content-type",
            field="Content-Type",
            accepted="application/json, not compressed",
        )
    try:
        sent = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_of_64_bits,
        )
    except json.JSONDecodeError as error:
        raise _unreadable(
            f"The JSON breaks off at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except UnicodeDecodeError as error:
        raise _unreadable(f"The body is not UTF-8 from byte {error.start + 1} on.") from error
    except RecursionError as error:
        raise _too_deep() from error
    return sent


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise _unreadable(f"The JSON names {twice[:100]!r} twice in one object.", field=twice[:100])
    return made


def _refuse_constant(word: str) -> float:
    raise _unreadable(f"{word} is not JSON.")


def _finite(digits: str) -> float:
    """The number as it was written. Raises BadRequest where a binary fraction would alter it."""
    number = float(digits)
    if not math.isfinite(number):
        raise _unreadable(f"{digits[:50]} is too large a number.")
    if len(digits) > _KEPT_AS_WRITTEN and Decimal(digits) != Decimal(repr(number)):
        raise _unreadable(
            f"{digits[:50]} has more digits than a JSON number keeps. Send fewer digits, or text."
        )
    return number


def _of_64_bits(digits: str) -> int:
    """What goes from service to service has no room for longer ones."""
    if len(digits) > 19:
        raise _unreadable(f"{digits[:50]} is too large a number.")
    return int(digits)


def _check_depth(sent: Any) -> None:
    level, depth = [sent], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()
        level = [inner for each in level for inner in _inside(each)]


def _check_texts(sent: Any) -> None:
    """Refuse text that no database takes."""
    level = [sent]
    while level:
        for each in level:
            if isinstance(each, dict):
                for name in each:
                    _check_text(name)
            elif isinstance(each, str):
                _check_text(each)
        level = [inner for each in level for inner in _inside(each)]


def _inside(each: Any) -> Iterable[Any]:
    if isinstance(each, dict):
        return each.values()
    return each if isinstance(each, list) else ()


def _carried(part: Any) -> Any:
    """A part whose texts the service judges one by one, so that a bad one costs itself alone.

    An unpaired surrogate cannot travel: it becomes a NUL, which is refused there for the same
    reason.
    """
    if isinstance(part, str):
        return _UNPAIRED_SURROGATE.sub("\x00", part)
    if isinstance(part, dict):
        return {_carried(name): _carried(inner) for name, inner in part.items()}
    return [_carried(inner) for inner in part] if isinstance(part, list) else part


def _check_text(text: str) -> None:
    if _NO_TEXT.search(text):
        raise BadRequest(
            "The request contains an invalid character (NUL or an unpaired surrogate).",
            rule="text",
            accepted="Unicode text",
        )


def _with_path(told: dict[str, Any], request: Request) -> dict[str, Any]:
    path = request.view_args or {}
    for name in path.keys() & told.keys():
        raise Invalid(
            f"{name} is part of the address; leave it out here.",
            rule="schema",
            field=name,
        )
    for value in path.values():
        _check_text(value)
    return {**told, **path}


def _unreadable(message: str, field: str = "") -> BadRequest:
    return BadRequest(message, rule="json", field=field, accepted="JSON (RFC 8259)")


def _too_deep() -> BadRequest:
    return BadRequest(
        "The JSON is nested too deeply.",
        rule="json-depth",
        accepted=f"at most {DEEPEST} levels",
    )
