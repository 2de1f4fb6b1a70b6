"""What is logged is printed as notes: one line each, once, and a library is named."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from p2c.screen.logs import NoteHandler, log_to
from p2c.screen.output import Output


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
