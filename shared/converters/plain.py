"""Numbers, periods and rates; the time zone, the log level, folders."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
#: Python's own numbers also have underscores, exponents and other scripts' digits.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WHOLE_NUMBER = re.compile("[0-9]{1,18}")
#: No period that is counted in seconds is longer: a day.
_LONGEST = 86_400


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone such as Europe/London") from error


def level(name: str) -> str:
    if name.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return name.upper()


def seconds(text: str) -> float:
    value = float(text) if NUMBER.fullmatch(str(text)) else 0.0
    if not 0 < value <= _LONGEST:
        raise ValueError(f"a number of seconds above 0, up to {_LONGEST}")
    return value


def count(text: str) -> int:
    return whole(text, 1, 2**31 - 1, "a whole number")


def parts(text: str) -> int:
    return whole(text, 1, 16, "a whole number")


def days(text: str) -> int:
    return whole(text, 1, 365, "a whole number of days")


def whole(text: str, least: int, most: int, what: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(str(text)) or not least <= int(text) <= most:
        raise ValueError(f"{what} from {least} to {most}")
    return int(text)


def rate(text: str) -> str:
    if text and not _RATE.fullmatch(text):
        raise ValueError("requests in a time, such as 600/minute or 20/second")
    return text


def folder(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError("the path of a folder")
    return Path(text)


def folder_or_none(text: str) -> Path | None:
    if not text:
        return None
    path = folder(text).absolute()
    try:
        there = next(each for each in (path, *path.parents) if each.exists())
    except OSError as error:
        raise ValueError("the path of a folder") from error
    if not there.is_dir():
        raise ValueError(f"the path of a folder, and {there} is none")
    return path
