"""The numbers of the services, as ``ENTENTE_<SERVICE>_<FIELD>`` sets them."""

import dataclasses
import os
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from shared.converters.plain import NUMBER
from shared.policies import OutOfBounds
from shared.settings import WrongSetting

P = TypeVar("P")


def policy(of: type[P], service: str, environment: Mapping[str, str] | None = None) -> P:
    """A service's policy, with what ``ENTENTE_<SERVICE>_<FIELD>`` sets in place of its defaults.

    Lists are separated by commas. Raises WrongSetting by name.
    """
    source = os.environ if environment is None else environment
    hints = typing.get_type_hints(of)
    given: dict[str, Any] = {}
    for item in dataclasses.fields(of):  # type: ignore[arg-type]
        name = _variable(service, item.name)
        if name not in source:
            continue
        try:
            given[item.name] = _parse(source[name], hints[item.name])
        except (ValueError, ArithmeticError) as error:
            raise WrongSetting(
                f"{name} is {source[name]!r}; it must be like {_written(getattr(of(), item.name))}."
            ) from error
    try:
        return of(**given)
    except OutOfBounds as error:
        name = _variable(service, error.field)
        said = source.get(name, getattr(of(), error.field))
        raise WrongSetting(f"{name} is {said!r}; it must be {error.accepted}.") from error


def names(of: type, service: str) -> list[str]:
    """The environment variables of a service's numbers."""
    return [_variable(service, each.name) for each in dataclasses.fields(of)]


def _variable(service: str, field: str) -> str:
    return f"ENTENTE_{service.upper()}_{field.upper()}"


def _parse(text: str, hint: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(_parse(part.strip(), typing.get_args(hint)[0]) for part in text.split(","))
    if hint is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if hint in (int, Decimal) and not NUMBER.fullmatch(text):
        raise ValueError(text)
    if hint in (int, str, Decimal):
        return hint(text)
    raise TypeError(f"a policy cannot hold {hint}")


def _written(value: Any) -> str:
    """A number of a policy as `_parse` reads it."""
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
