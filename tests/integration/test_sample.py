"""The sample data with which `make run` begins."""

from pathlib import Path

from typer.testing import CliRunner

from services.cli.main import app
from services.demo import sample


def test_a_made_up_year_of_an_office_is_written_and_marked_as_that(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    said = CliRunner().invoke(app, ["sample", str(folder)], catch_exceptions=False)

    assert said.exit_code == 0, said.output
    assert sample.is_in(folder)
    assert sample.is_marked(folder)
