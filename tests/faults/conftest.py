"""The stage of the fault cases, and the figures at the end of the tests."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from xdist.workermanage import WorkerController

from tests.faults.figures import Figures
from tests.faults.stage import Runner, Stage

FIGURES = Figures()
MARKS = ("<!-- figures -->", "<!-- end of figures -->")


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    created = Runner()
    yield created
    created.close()


@pytest.fixture(scope="module")
def stage(sandboxes, runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(sandboxes.start("base"), runner, tmp_path_factory.mktemp("cases"), FIGURES)


@pytest.fixture(scope="session")
def figures() -> Figures:
    return FIGURES


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several test processes hands its figures to the one that prints."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["faults"] = {**asdict(FIGURES), "faults": dict(FIGURES.faults)}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Take the figures of a test process that ended."""
    if report := getattr(node, "workeroutput", {}).get("faults"):
        FIGURES.add(Figures(**{**report, "faults": Counter(report["faults"])}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures; P2C_FAULT_PAGE names the page that keeps them."""
    if not FIGURES.cases:
        return
    terminalreporter.section("faults")
    width = max(len(name) for name, _ in FIGURES.lines())
    for name, number in FIGURES.lines():
        terminalreporter.write_line(f"{name:<{width}}  {number}")
    if page := os.environ.get("P2C_FAULT_PAGE"):
        write_page(Path(page), FIGURES)


def write_page(page: Path, figures: Figures) -> None:
    """Put the figures between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    rows = "\n".join(f"| {name} | {number} |" for name, number in figures.lines())
    table = f"\n\n| | |\n|---|---|\n{rows}\n\n"
    page.write_text(head + MARKS[0] + table + MARKS[1] + tail, encoding="utf-8")
