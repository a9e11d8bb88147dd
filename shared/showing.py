"""What of an answer its reader may see: all of it, of what is their own, or not the guarded fields.

Somebody with several roles may have a record opened by one of them and be, by another, the person
whom it is about: then they see of it what that other role lets them see, in a list as alone.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from operator import contains
from typing import Any

from sqlalchemy import select

from shared.errors import Forbidden
from shared.operations import Operation
from shared.withholding import needed_for, withhold
from shared.work import Work


def withhold_from(
    operation: Operation, work: Work, shown: Any, is_own: Callable[[], bool]
) -> list[str]:
    """Set to null, in place, what the reader of one record may not see; returns the paths.

    is_own: asked at most once, and where it matters: whether the record is the reader's own.
    """
    if _opened_by_own(operation, work) and is_own():
        return withhold(shown, operation.guarded, lambda each: _shows_own(operation, work, each))
    return withhold(shown, operation.guarded, lambda each: operation.shows(work.actor, each))


def withhold_from_each(operation: Operation, work: Work, items: Sequence[Any]) -> list[str]:
    """As `withhold_from`, of a list."""
    own = _own_among(operation, work, items)
    if not own:
        return withhold_from(operation, work, items, lambda: False)
    withheld: dict[str, None] = {}
    for item in items:
        is_own = partial(contains, own, _key_of(operation, item))
        withheld |= dict.fromkeys(withhold_from(operation, work, item, is_own))
    return list(withheld)


def is_theirs(operation: Operation, work: Work, target: Any) -> Callable[[], bool]:
    """Whether a record that one role opens to the actor is, by another role, their own."""

    def ask() -> bool:
        if operation.is_command or target is None or operation.own is None:
            return False
        try:
            operation.own(work, target, {})
        except Forbidden:
            return False
        return True

    return ask


def check_may_choose_by(operation: Operation, work: Work, values: dict[str, Any]) -> None:
    """Refuse filters and sort orders that would tell what the reader may not see."""
    wanted = values.get("sort")
    by = {str(wanted).lstrip("-")} if wanted else set()
    sorted_by = {path[0]: need for path, need in operation.guarded if path[0] in by}
    filtered_by = {
        field.data_key or name: needed_for(field, operation.permissions)
        for name, field in operation.schema_in.fields.items()
        if values.get(name) is not None
    }
    for name, needed in (filtered_by | sorted_by).items():
        if needed is not None and not operation.shows(work.actor, needed):
            words = operation.permissions.in_words(needed)
            raise Forbidden(
                f"You may not {words}, and so not choose or sort by {name}; leave it out.",
                rule="permission",
                field="sort" if name in sorted_by else name,
            )


def _opened_by_own(operation: Operation, work: Work) -> bool:
    """Whether the reader would see more of what is their own than of the rest."""
    return any(
        _shows_own(operation, work, needed) and not operation.shows(work.actor, needed)
        for _, needed in operation.guarded
    )


def _shows_own(operation: Operation, work: Work, permission: str) -> bool:
    return operation.shows(work.actor, permission) or operation.shows_own(work.actor, permission)


def _own_among(operation: Operation, work: Work, items: Sequence[Any]) -> Collection[Any]:
    """The keys of those that are the reader's own, where that makes a difference."""
    if not items or operation.own is None or not _opened_by_own(operation, work):
        return ()
    assert operation.key is not None
    keys = [_key_of(operation, each) for each in items]
    own = select(operation.key).where(operation.key.in_(keys), operation.own(work))
    return set(work.session.scalars(own))


def _key_of(operation: Operation, item: Any) -> Any:
    assert operation.key is not None
    return operation.key.type.python_type(item[operation.key.key])
