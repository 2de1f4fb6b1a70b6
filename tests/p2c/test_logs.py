"""What is logged is printed as notes: one line each, once, and a library is named."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from p2c.cli import main
from p2c.screen.layout import Grid
from p2c.screen.logs import NoteHandler, log_to
from p2c.screen.output import LogOptions, Output


@pytest.fixture(autouse=True)
def without_handlers() -> Iterator[None]:
    """The root logger as it was."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    root.handlers = before


def test_a_library_is_named_and_its_lines_become_one(capsys: pytest.CaptureFixture[str]) -> None:
    log_to(Output())
    logging.getLogger("azure.identity").warning("no token\n  from %s", "here")
    logging.getLogger("p2c.retries").warning("Sales asks to wait.")
    output = capsys.readouterr()
    assert output.err == "azure.identity: no token from here\nSales asks to wait.\n"
    assert output.out == ""


def test_a_text_is_shown_once_and_news_below_a_warning_not_at_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to(Output())
    logger = logging.getLogger("urllib3.connectionpool")
    for _ in range(3):
        logger.warning("slow")
    logger.info("fast")
    assert capsys.readouterr().err == "urllib3.connectionpool: slow\n"


def test_a_later_command_takes_the_place_of_an_earlier_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to(Output())
    log_to(Output(json_mode=True))
    logging.getLogger("p2c").warning("once")
    assert capsys.readouterr().err == "once\n"
    assert sum(isinstance(h, NoteHandler) for h in logging.getLogger().handlers) == 1


def test_as_json_each_note_is_one_object_with_time_level_and_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    out = Output(log=LogOptions("json"))
    log_to(out)
    out.note("3 rows", Grid(("name", "rows"), [("Ünïted", 0)], numbers=1))
    logging.getLogger("p2c.retries").warning("Sales asks\nto wait.")
    out.fail("No rights.")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert lines[0]["message"].startswith("3 rows\n")
    assert "Ünïted" in lines[0]["message"]
    assert [line["message"] for line in lines[1:]] == ["Sales asks to wait.", "No rights."]
    assert all(before < datetime.fromisoformat(line["time"]) <= datetime.now(UTC) for line in lines)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_quiet_leaves_errors_alone_on_stderr(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    out = Output(log=LogOptions("json" if log_format == "json" else "text", quiet=True))
    log_to(out)
    out.note("A note.")
    logging.getLogger("p2c").warning("A warning.")
    with out.progress("build"):
        pass
    out.show("A result.")
    out.fail("No rights.")
    printed = capsys.readouterr()
    assert printed.out == "A result.\n"
    assert printed.err.count("\n") == 1
    assert "No rights." in printed.err


def test_verbose_says_what_began_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with Output(log=LogOptions(verbose=True)).progress("build"):
        assert capsys.readouterr().err == "build began\n"
    assert capsys.readouterr().err.startswith("build ended after 0.")


def test_as_json_a_step_ends_with_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with Output(log=LogOptions("json")).progress("build"):
        pass
    began, ended = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (began["message"], ended["message"]) == ("build began", "build ended")
    assert 0 <= ended["seconds"] < 60


def test_an_error_of_the_command_line_is_a_line_of_json_as_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("P2C_LOG_FORMAT", "json")
    with pytest.raises(SystemExit, match="1"):
        main(["--project-dir", str(tmp_path), "build"])
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["level"] == "error"
    assert "dbt_project.yml" in json.loads(line)["message"]
