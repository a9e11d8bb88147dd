"""A call is taken from those who hold a key for it, as they signed it, for a minute."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared import settings as configuration
from shared.errors import Forbidden, Unauthenticated
from shared.keys import SigningKey
from shared.messaging import replays, signing
from shared.messaging.replays import TakenCalls
from shared.messaging.signing import (
    LIFE,
    PEOPLE,
    SERVICES,
    SKEW,
    TOOLS,
    Answer,
    Signer,
    TrustedKeys,
    check_first,
    check_may,
    own_key,
    trusted,
)
from shared.settings import WrongSetting

pytestmark = pytest.mark.row("X6")

BODY = b'{"args":[],"kwargs":{"name":"approve_contract","call":{"actor":{"id":"amina"}}}}'
MINE = Answer("reply-queue-of-mine", "7")
KEYS = {kind: SigningKey.new() for kind in (PEOPLE, SERVICES, TOOLS)}
TRUSTED = TrustedKeys({key.public.id: (kind, key.public) for kind, key in KEYS.items()})
LISTED = " ".join(f"{kind}={key.public.text}" for kind, key in KEYS.items())


def signed(key: SigningKey = KEYS[PEOPLE], body: bytes = BODY) -> dict[str, str]:
    return Signer(key).headers("contract", "execute", body, MINE)


def refusal(
    headers: dict[str, str],
    service: str = "contract",
    method: str = "execute",
    body: bytes = BODY,
    answer_to: Answer = MINE,
) -> str:
    with pytest.raises(Unauthenticated) as refused:
        TRUSTED.seal(service, method, body, headers, answer_to)
    return refused.value.rule


@pytest.mark.parametrize("kind", [PEOPLE, SERVICES, TOOLS])
def test_a_signed_call_tells_the_kind_of_its_key(kind: str) -> None:
    assert TRUSTED.seal("contract", "execute", BODY, signed(KEYS[kind]), MINE).kind == kind


@pytest.mark.parametrize(
    "altered",
    [
        BODY.replace(b"amina", b"board"),
        BODY.replace(b"approve", b"decline"),
        BODY + b" ",
        b"",
    ],
)
def test_an_altered_body_is_refused(altered: bytes) -> None:
    assert refusal(signed(), body=altered) == "wrong-signature"


def test_a_call_sent_again_to_another_service_or_method_is_refused() -> None:
    assert refusal(signed(), service="finance") == "wrong-signature"
    assert refusal(signed(), method="ask") == "wrong-signature"


@pytest.mark.parametrize(
    "other", [Answer("another-queue", "7"), Answer("reply-queue-of-mine", "8"), Answer("", "")]
)
def test_a_copy_of_a_call_is_answered_to_nobody_else(other: Answer) -> None:
    assert refusal(signed(), answer_to=other) == "wrong-signature"


def test_a_call_is_taken_once_and_the_next_like_it_too() -> None:
    taken = TakenCalls(LIFE + SKEW)
    first, second = (
        TRUSTED.seal(
            "contract",
            "execute",
            BODY,
            Signer(KEYS[PEOPLE]).headers("contract", "execute", BODY, answer_to),
            answer_to,
        )
        for answer_to in (MINE, Answer(MINE.reply_to, "8"))
    )
    check_first(first, taken)
    check_first(second, taken)
    with pytest.raises(Unauthenticated) as refused:
        check_first(first, taken)
    assert refused.value.rule == "replayed"


def test_a_call_is_remembered_for_as_long_as_it_lives_and_not_for_ever() -> None:
    now = 0.0
    taken = TakenCalls(70, lambda: now)
    for second in range(1000):
        now = float(second)
        assert taken.is_first(b"%016d" % second)
        assert not taken.is_first(b"%016d" % max(0, second - 69))
        assert len(taken) <= 141
    now = 5000.0
    assert taken.is_first(b"%016d" % 999)
    assert len(taken) == 1


def test_the_memory_of_calls_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "KNOWN", 10)
    taken = TakenCalls(70)
    assert all(taken.is_first(b"%016d" % number) for number in range(1000))
    assert len(taken) <= 20


def test_a_signature_of_another_key_is_refused() -> None:
    assert refusal(signed(SigningKey.new())) == "unknown-key"
    assert refusal(signed(KEYS[TOOLS]) | {"key": KEYS[PEOPLE].public.id}) == "wrong-signature"


@pytest.mark.parametrize("signature", ["", "x", "ü", "AAAA", "A" * 10_000])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert refusal(signed() | {"signature": signature}) in ("unsigned", "wrong-signature")


def test_a_call_without_headers_is_refused() -> None:
    assert refusal({}) == "unsigned"


@pytest.mark.parametrize(
    ("later", "rule"),
    [
        (LIFE + 1, "expired"),
        (24 * 3600, "expired"),
        (-SKEW - 2, "from-the-future"),
    ],
)
def test_a_call_lives_for_a_minute(later: int, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = signed()
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + later)
    assert refusal(headers) == rule


def test_its_life_cannot_be_made_longer() -> None:
    headers = signed()
    later = str(int(headers["until"]) + 3600)
    assert refusal(headers | {"until": later}) == "wrong-signature"


def test_a_key_may_call_only_what_names_its_kind() -> None:
    check_may(SERVICES, frozenset({SERVICES, TOOLS}), "log_events")
    with pytest.raises(Forbidden, match="services may not call execute"):
        check_may(SERVICES, frozenset({PEOPLE}), "execute")


def settings(tmp_path: Path, **given: str) -> configuration.Settings:
    return configuration.read({"ENTENTE_DATA_DIR": str(tmp_path), **given})


def test_embedded_each_kind_has_its_own_key_in_the_data_folder(tmp_path: Path) -> None:
    here = settings(tmp_path)
    known = trusted(here)
    for kind in (PEOPLE, SERVICES, TOOLS):
        headers = Signer(own_key(here, kind)).headers("contract", "ping", BODY, MINE)
        assert known.seal("contract", "ping", BODY, headers, MINE).kind == kind
    assert len(known.by_id) == 3


def test_keys_that_are_set_leave_the_data_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    here = settings(folder, ENTENTE_CALL_KEYS=LISTED, ENTENTE_CALL_KEY=KEYS[TOOLS].text)
    assert own_key(here, TOOLS).text == KEYS[TOOLS].text
    assert trusted(here).by_id.keys() == TRUSTED.by_id.keys()
    assert not folder.exists()


def test_a_new_key_is_listed_beside_the_old_one_while_they_are_changed(tmp_path: Path) -> None:
    new = SigningKey.new()
    known = trusted(settings(tmp_path, ENTENTE_CALL_KEYS=f"{LISTED}, people={new.public.text}"))
    for key in (KEYS[PEOPLE], new):
        assert known.seal("contract", "execute", BODY, signed(key), MINE).kind == PEOPLE


@pytest.mark.parametrize(
    "given",
    [
        dict,
        lambda: {"ENTENTE_CALL_KEY": SigningKey.new().text},
        lambda: {"ENTENTE_CALL_KEY": KEYS[TOOLS].text},
    ],
)
def test_a_process_without_the_key_of_its_kind_does_not_start(
    given: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    here = settings(tmp_path, ENTENTE_CALL_KEYS=LISTED, **given())
    with pytest.raises(WrongSetting, match="ENTENTE_CALL_KEY"):
        own_key(here, PEOPLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENTENTE_CALL_KEYS", "people"),
        ("ENTENTE_CALL_KEYS", f"people={KEYS[PEOPLE].public.text}"),
        ("ENTENTE_CALL_KEYS", LISTED.replace("tools", "persons")),
        ("ENTENTE_CALL_KEYS", LISTED + "A"),
        ("ENTENTE_CALL_KEY", "k3y-that-is-none"),
        ("ENTENTE_AMQP_URI", "http://entente:k3y-that-is-none@broker"),
    ],
)
def test_a_wrong_key_is_refused_by_name_and_never_repeated(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name) as refused:
        configuration.read({name: value})
    assert "k3y-that-is-none" not in str(refused.value)
