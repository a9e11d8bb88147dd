"""`python -m tests`: several runs of pytest play one suite."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Three files with six tests, one of which fails."""
    (tmp_path / "test_one.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    (tmp_path / "test_two.py").write_text("def test_c(): pass\ndef test_d(): assert 1 == 2\n")
    (tmp_path / "test_three.py").write_text(
        "import pytest\ndef test_e(): pytest.skip('why')\ndef test_f(): pass\n"
    )
    return tmp_path


def played(suite: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests", "--jobs", "2", "-c", "/dev/null", "--rootdir", "."]
    return subprocess.run(
        [*command, str(suite), *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_each_test_is_played_once_and_counted_once(suite: Path) -> None:
    found = played(suite, "-k", "not test_f")

    closing = found.stdout.splitlines()[-1]
    assert "1 failed, 3 passed, 1 skipped, 1 deselected in " in closing
    assert "def test_d(): assert 1 == 2" in found.stdout
    assert found.returncode == 1


def test_a_run_that_died_is_an_error(suite: Path) -> None:
    (suite / "test_four.py").write_text("import os\ndef test_g(): os._exit(3)\n")

    found = played(suite)

    assert "1 error in " in found.stdout.splitlines()[-1]
    assert found.returncode == 3


def test_a_suite_that_passes_ends_with_nothing(suite: Path) -> None:
    (suite / "test_two.py").unlink()

    found = played(suite)

    assert " 3 passed, 1 skipped in " in found.stdout.splitlines()[-1]
    assert found.returncode == 0
