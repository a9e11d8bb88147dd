"""Whoever can write to the databases, but has no key, is found out: in the logs and in insight."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import Table, delete, select, update
from typer.testing import CliRunner, Result

from services import logs
from services.cli import reaching, verifying
from services.cli.main import app
from services.insight.store import contracts, partners, subjects, timeline
from shared.keys import PublicKey, SigningKey
from shared.messaging import event_log as chaining
from shared.messaging import heads, held
from shared.messaging.envelope import Envelope
from shared.messaging.service import Runtime
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.tables import event_log, held_events, log_heads
from tests.office import Office, until

pytestmark = pytest.mark.row("X2")

Run = Callable[..., Result]

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check-chain.py"


@pytest.fixture(autouse=True)
def signed_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No service signs a head by itself while a test runs, however long that takes."""
    monkeypatch.setattr(heads, "PAUSE", float("inf"))


@pytest.fixture
def entente(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command line, as somebody uses it while the office is at work elsewhere."""

    @contextmanager
    def services(_: Any) -> Iterator[ServiceCalls]:
        yield office.calls

    monkeypatch.setattr(reaching, "services", services)
    monkeypatch.setattr(verifying, "SETTLE_SECONDS", 5.0)  # what was tampered with never settles
    monkeypatch.setattr(logs, "configure", lambda level: None)  # the office logs on after it
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))

    def run(*arguments: str, **env: str) -> Result:
        folder = str(office.settings.data_dir)
        env = {"COLUMNS": "300", "ENTENTE_DATA_DIR": folder} | env
        return CliRunner().invoke(app, arguments, env=env)

    yield run
    structlog.reset_defaults()


def runtime_of(office: Office, name: str) -> Runtime:
    containers = {each.service_name: each for each in office.platform.runner.containers}
    return next(each for each in containers[name].dependencies if isinstance(each, Runtime))


@pytest.fixture
def partner(office: Office) -> Runtime:
    """Of the partner service, whose log has four events and signed heads at links 2 and 4."""
    runtime = runtime_of(office, "partner")
    for number in range(4):
        office.do(
            "propose_partner", legal_name=f"University {number}", country="ES", sector="university"
        )
        if number % 2:
            office.settle()
            until(lambda: office.calls.call("partner", "sign_head"), "a head being signed")
    return runtime


def rewrite(runtime: Runtime, link: int = 2) -> None:
    """Change one event, and compute the whole chain anew, as anybody can who may write."""
    with runtime.database.transaction() as session:
        row = session.execute(select(event_log).where(event_log.c.link == link)).mappings().one()
        changed = {**row["data"], "reference": "PTR-1999-0001"}
        session.execute(update(event_log).where(event_log.c.link == link).values(data=changed))
        digest = chaining.GENESIS
        for each in session.execute(select(event_log).order_by(event_log.c.link)).mappings().all():
            digest = chaining.chain(digest, each)
            at = event_log.c.position == each["position"]
            session.execute(update(event_log).where(at).values(hash=digest))


def forget_after(runtime: Runtime, link: int) -> None:
    """The database as it was at a link, its heads too."""
    with runtime.database.transaction() as session:
        session.execute(delete(event_log).where(event_log.c.link > link))
        session.execute(delete(log_heads).where(log_heads.c.link > link))


def lines(said: Result, service: str = "partner") -> list[str]:
    return [line for line in said.stdout.splitlines() if line.startswith(f"{service}: ")]


def signed_on(runtime: Runtime, link: int) -> str:
    journal = runtime.head_signer.journal
    found = [each for each in heads.known(runtime.database, journal) if each.link == link]
    return found[0].signed_at[:19].replace("T", " ")


def test_signed_heads_pass_where_nobody_touched_the_logs(entente: Run, partner: Runtime) -> None:
    said = entente("verify")
    assert (said.exit_code, said.stdout.strip()) == (0, "complete: 4 facts, each where it belongs")


def test_a_chain_that_was_computed_anew_no_longer_passes(entente: Run, partner: Runtime) -> None:
    rewrite(partner)
    said = entente("verify")
    assert said.exit_code == 4
    assert lines(said) == [
        "partner: the event log was rewritten at links 1 to 2: it does not lead to the head that "
        f"was signed on {signed_on(partner, 2)}"
    ]


def test_the_first_link_that_can_be_wrong_follows_the_last_head_that_fits(
    entente: Run, partner: Runtime
) -> None:
    rewrite(partner, 4)
    assert lines(entente("verify"))[0].startswith(
        "partner: the event log was rewritten at links 3 to 4: "
    )


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_heads_in_the_journal_outlive_those_in_the_database(entente: Run, partner: Runtime) -> None:
    rewrite(partner)
    with partner.database.transaction() as session:
        session.execute(delete(log_heads))
    assert len(lines(entente("verify"))) == 1


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_a_log_that_was_cut_off_or_an_older_backup_is_found(entente: Run, partner: Runtime) -> None:
    moment = signed_on(partner, 4)
    forget_after(partner, 2)
    assert (
        "partner: the event log ends at link 2, but the head of link 4 was signed on "
        f"{moment}: the log was cut off, or restored to an earlier state"
    ) in lines(entente("verify"))


def test_with_all_tables_of_all_services_restored_heads_kept_elsewhere_tell(
    entente: Run, office: Office, partner: Runtime, tmp_path: Path
) -> None:
    exported = tmp_path / "heads.jsonl"
    exported.write_text(entente("heads", "export").stdout)
    moment = signed_on(partner, 4)
    journal = partner.head_signer.journal
    if journal:
        journal.path.unlink()
    forget_after(partner, 2)
    said = lines(entente("verify", "--heads", str(exported)))
    assert any(f"the head of link 4 was signed on {moment}" in line for line in said)


def test_heads_that_were_signed_with_another_key_are_not_believed(
    entente: Run, partner: Runtime
) -> None:
    rewrite(partner)
    stranger = SigningKey.new()
    with partner.database.transaction() as session:
        rows = session.execute(select(event_log.c.link, event_log.c.hash)).all()
        session.execute(delete(log_heads))
        for link, digest in rows:
            head = heads.signed("partner", link, digest, "2026-11-29T00:00:00+00:00", stranger)
            session.execute(log_heads.insert().values(asdict(head)))
    said = lines(entente("verify"))
    assert (
        f"partner: the head of link 1 (and 3 more) was signed with the key {stranger.public.id}, "
        "which is not trusted here; if it is an earlier key of yours, list it in ENTENTE_HEAD_KEYS"
    ) in said


def test_a_head_that_was_changed_after_it_was_signed_is_named(
    entente: Run, partner: Runtime
) -> None:
    with partner.database.transaction() as session:
        session.execute(update(log_heads).where(log_heads.c.link == 2).values(hash="0" * 64))
    assert lines(entente("verify")) == [
        "partner: the signature on the head of link 2 is not valid: the head was changed after it "
        "was signed"
    ]


def test_an_earlier_key_that_is_listed_is_believed(
    entente: Run, office: Office, partner: Runtime
) -> None:
    earlier = SigningKey.new()
    with partner.database.transaction() as session:
        row = session.execute(select(event_log).where(event_log.c.link == 1)).mappings().one()
        head = heads.signed("partner", 1, row["hash"], "2026-11-01T00:00:00+00:00", earlier)
        session.execute(log_heads.insert().values(asdict(head)))
    assert len(lines(entente("verify"))) == 1
    assert lines(entente("verify", ENTENTE_HEAD_KEYS=earlier.public.text)) == []


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_nothing_is_signed_on_top_of_a_log_that_was_altered(
    office: Office, partner: Runtime
) -> None:
    rewrite(partner)
    partner.head_signer._last = None  # as after a start
    office.do("propose_partner", legal_name="One more", country="ES", sector="university")
    office.settle()
    assert office.calls.call("partner", "sign_head") is None
    assert partner.head_signer.found_altered


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_heads_without_a_key_to_check_them_are_not_complete(
    entente: Run, office: Office, partner: Runtime
) -> None:
    (office.settings.data_dir / "keys" / "heads.key").unlink()
    said = entente("verify")
    assert said.exit_code == 3
    assert said.stdout.splitlines() == [
        "signed heads cannot be checked: list their public keys in ENTENTE_HEAD_KEYS"
    ]


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_the_key_is_for_its_owner_alone_and_in_no_database(
    office: Office, partner: Runtime
) -> None:
    path = office.settings.data_dir / "keys" / "heads.key"
    assert path.stat().st_mode & 0o077 == 0
    secret = path.read_text().strip().encode()
    for database in office.settings.data_dir.glob("*.db*"):
        assert secret not in database.read_bytes()


def test_what_is_no_file_of_heads_is_refused(
    entente: Run, partner: Runtime, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text('{"link": 1}\n')
    said = entente("verify", "--heads", str(wrong))
    assert said.exit_code == 1
    assert said.stderr.strip().endswith(
        "cannot be read as signed heads: line 1 is not a signed head."
    )
    assert entente("verify", "--heads", str(tmp_path / "none")).exit_code == 1
    for content, reason in ((b"", "there are none in it"), (b"\xff\xfe", "it is not text")):
        wrong.write_bytes(content)
        said = entente("verify", "--heads", str(wrong))
        assert said.exit_code == 1
        assert said.stderr.strip().endswith(f"cannot be read as signed heads: {reason}.")


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_heads_of_a_service_that_is_not_here_are_named(
    entente: Run, partner: Runtime, tmp_path: Path
) -> None:
    kept = tmp_path / "heads.jsonl"
    head = heads.signed("partners", 2, "0" * 64, "2026-11-29T00:00:00+00:00", SigningKey.new())
    kept.write_text(json.dumps(asdict(head)))
    said = entente("verify", "--heads", str(kept))
    assert said.exit_code == 4
    assert lines(said, "partners") == [
        "partners: there are signed heads of it, and no such service"
    ]


def changed(table: Table, **values: Any) -> Callable[[Any], Any]:
    (key,) = table.primary_key
    first = select(key).order_by(key).limit(1).scalar_subquery()
    return lambda session: session.execute(update(table).where(key == first).values(**values))


def removed(table: Table) -> Callable[[Any], Any]:
    (key,) = table.primary_key
    first = select(key).order_by(key).limit(1).scalar_subquery()
    return lambda session: session.execute(delete(table).where(key == first))


def invented(session: Any) -> None:
    row = dict(session.execute(select(timeline).limit(1)).mappings().one())
    session.execute(timeline.insert().values(row | {"event_id": uuid4(), "actor": "nobody"}))


def test_a_held_event_that_is_not_what_the_log_says_is_named(
    entente: Run, office: Office, partner: Runtime
) -> None:
    """One as it was published beside one that was changed, and one that never was."""
    logged = office.calls.events("partner", 0, 3)
    changed = {**logged[1], "data": {**logged[1]["data"], "country": "FR"}}
    invented = {**logged[2], "subjectsequence": 9}
    with runtime_of(office, "contract").database.transaction() as session:
        for each in (logged[0], changed, invented):
            held.hold_failure(session, Envelope(each), ValueError("odd"), datetime.now(UTC))
        session.execute(update(held_events).values(state="dead", next_attempt_at=None))
    said = lines(entente("verify"), "contract")
    assert [line for line in said if "altered" in line] == [
        f"contract: holds event {each['subjectsequence']} of {each['subject']}, which is not what "
        "the log of partner says: it was altered; do not retry it, restore the database of contract"
        for each in (changed, invented)
    ]


TAMPERED = [
    (
        changed(timeline, data={"reason": "invented"}),
        "differs from the log in data (table timeline)",
    ),
    (changed(timeline, actor="somebody-else"), "differs from the log in actor (table timeline)"),
    (removed(timeline), "is missing (table timeline)"),
    (invented, "is in no log (table timeline)"),
    (changed(partners, state="active"), "differs from the log in state (table partners)"),
    (changed(partners, name="Another"), "differs from the log in name (table partners)"),
    (removed(partners), "is missing (table partners)"),
]


@pytest.mark.row("X1")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_a_row_of_insight_that_is_not_what_the_logs_say_is_named_and_healed(
    entente: Run, office: Office, partner: Runtime
) -> None:
    insight = runtime_of(office, "insight")
    for tamper, said in TAMPERED:
        with insight.database.transaction() as session:
            tamper(session)
        found = entente("verify")
        assert found.exit_code == 4
        assert any(line.endswith(said) for line in lines(found, "insight")), found.stdout
        assert lines(found, "insight")[-1].startswith("insight: `entente rebuild insight`")
        assert entente("rebuild", "insight").exit_code == 0
        until(lambda: entente("verify").exit_code == 0, "insight being whole again")


@pytest.mark.row("X1")
def test_insight_is_compared_on_both_stores_for_all_that_it_knows(
    entente: Run, office: Office, partner: Runtime
) -> None:
    insight = runtime_of(office, "insight")
    with insight.database.transaction() as session:
        session.execute(contracts.insert().values(id=uuid4(), state="active", milestones=()))
        session.execute(subjects.insert().values(subject="contract/x", name="Invented"))
    found = lines(entente("verify"), "insight")
    assert [line.rpartition("(table ")[2] for line in found[:-1]] == ["contracts)", "subjects)"]


def test_exported_heads_are_lines_that_anybody_can_check(entente: Run, partner: Runtime) -> None:
    exported = [json.loads(line) for line in entente("heads", "export").stdout.splitlines()]
    of_partner = [heads.Head.from_plain(each) for each in exported if each["service"] == "partner"]
    key = partner.head_signer.key.public
    assert [each.link for each in of_partner] == [2, 4]
    assert all(each.is_signed_by(key) for each in of_partner)
    assert entente("heads", "keys").stdout.split() == [key.id, key.text]


def test_anybody_can_read_and_keep_the_newest_heads_without_a_token(
    entente: Run, office: Office, partner: Runtime, tmp_path: Path
) -> None:
    with urlopen(f"{office.address}/api/v1/log-heads") as answer:
        published = json.load(answer)
    (of_partner,) = [each for each in published["items"] if each["service"] == "partner"]
    head, key = heads.Head.from_plain(of_partner), PublicKey.from_text(of_partner["public_key"])
    assert (head.link, published["unreachable"]) == (4, [])
    assert key.id == partner.head_signer.key.public.id
    assert head.is_signed_by(key)
    kept = tmp_path / "heads.jsonl"
    kept.write_text("".join(f"{json.dumps(each)}\n" for each in published["items"]))
    assert lines(entente("verify", "--heads", str(kept))) == []
    forget_after(partner, 2)
    if partner.head_signer.journal:
        partner.head_signer.journal.path.unlink()
    found = lines(entente("verify", "--heads", str(kept)))
    assert any("the head of link 4 was signed on" in line for line in found)


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_anybody_can_recompute_a_chain_with_the_script_of_the_documentation(
    entente: Run, partner: Runtime, tmp_path: Path
) -> None:
    exported = tmp_path / "heads.jsonl"
    exported.write_text(entente("heads", "export").stdout)
    events = entente("events", "--service", "partner", "--json").stdout
    last = heads.known(partner.database, None)[-1]

    def checked(log: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), str(exported)]
        return subprocess.run(command, input=log, capture_output=True, text=True)

    assert checked(events).stdout == f"partner: 4 links, the last one {last.hash}\n"
    forged = events.replace("University 0", "University X")
    assert checked(forged).stderr.startswith("partner: link 2 is not what was signed on ")
    cut_off = "".join(events.splitlines(keepends=True)[:3])
    assert checked(cut_off).stderr == "partner: ends at link 3, but link 4 was signed\n"
    assert checked("").stderr == "there is no event to check\n"
