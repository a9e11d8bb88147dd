"""Ed25519 keys: what one signs only its public half confirms, and its file is its owner's alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.keys import PublicKey, SigningKey, WrongKey, kept

pytestmark = pytest.mark.row("X2")


def test_a_signature_holds_for_exactly_what_was_signed() -> None:
    key = SigningKey.new()
    signature = key.sign(b"head 42")
    assert key.public.verifies(signature, b"head 42")
    assert not key.public.verifies(signature, b"head 43")
    assert not key.public.verifies(signature[:-1], b"head 42")
    assert not SigningKey.new().public.verifies(signature, b"head 42")


def test_keys_and_signatures_are_those_of_the_standard() -> None:
    """RFC 8032, 7.1, test 3: whoever has another library reads and checks the same."""
    key = SigningKey.from_text("xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc")
    assert key.public.text == "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU"
    assert key.sign(b"\xaf\x82").hex() == (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )


def test_nobody_can_make_a_second_signature_out_of_one() -> None:
    """Copies of a call are told by their signatures. The second half counts modulo this order."""
    order = 2**252 + 27742317777372353535851937790883648493
    key = SigningKey.new()
    signature = key.sign(b"head")
    other = int.from_bytes(signature[32:], "little") + order
    assert not key.public.verifies(signature[:32] + other.to_bytes(32, "little"), b"head")


def test_a_key_comes_back_from_its_text() -> None:
    key = SigningKey.new()
    signature = SigningKey.from_text(key.text).sign(b"head")
    assert PublicKey.from_text(key.public.text).verifies(signature, b"head")
    assert PublicKey.from_text(key.public.text).id == key.public.id


@pytest.mark.parametrize("text", ["", "secret", "a" * 42, "a" * 44, "ü" * 43, "a" * 42 + "!"])
def test_other_text_is_no_key_and_is_not_repeated(text: str) -> None:
    for kind in (SigningKey, PublicKey):
        with pytest.raises(WrongKey) as refused:
            kind.from_text(text)
        assert not text or text not in str(refused.value)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = kept(folder, "heads")
    assert kept(folder, "heads").text == made.text
    assert kept(folder, "calls").text != made.text
    (file,) = folder.glob("heads*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert made.text not in repr(made)


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept(tmp_path, "heads").text, range(8)))
    assert len(set(found)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["heads.key"]


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "heads.key").write_text("half")
    with pytest.raises(WrongKey, match=r"heads\.key"):
        kept(tmp_path, "heads")
