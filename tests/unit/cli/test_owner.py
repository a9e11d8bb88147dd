"""Whom the first start of a platform lets in."""

from pathlib import Path
from typing import Any

from services.cli import running
from shared import settings as configuration
from shared.call import OFFICE, Call
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role


class Calls:
    """Keeps what was asked for, and answers with a secret."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], Call]] = []

    def execute(self, _service: str, name: str, body: dict[str, Any], call: Call) -> Any:
        self.asked.append((name, body, call))
        return {"body": {"secret": "ent_secret"}}


def test_the_owner_runs_the_system_and_heads_the_office(tmp_path: Path) -> None:
    calls = Calls()
    settings = configuration.read({"ENTENTE_DATA_DIR": str(tmp_path)})
    for _ in range(2):
        assert running._owner(calls, settings) == "ent_secret"  # type: ignore[arg-type]
    [(name, body, call)] = calls.asked
    assert (name, call.actor) == ("issue_token", OFFICE)
    assert set(body["roles"]) == {Role.ADMINISTRATOR, Role.PARTNERSHIP_MANAGER}
    for permission in (Permission.ACCESS_MANAGE, Permission.PARTNER_PROPOSE, Permission.MONEY_READ):
        assert PERMISSIONS.allows(body["roles"], permission)
