"""The documentation says what the software does: commands, settings, links, make targets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from loaders.ledger.schema import TABLES
from p2c import reference
from p2c.cli import app
from p2c.config.settings_errors import environment_name

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
HAND_WRITTEN = [page for page in PAGES if page.name not in ("cli.md", "settings.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)
CALL = re.compile(r"(?:^|[\s`/])p2c((?: [a-z][a-z-]*)+)", re.MULTILINE)
# Without `p2c` itself and the group, whose commands have the examples.
SINGLE_COMMANDS = [words for words in reference.commands() if words not in ((), ("sandbox",))]


def test_the_commands_page_is_current() -> None:
    assert (ROOT / "docs/cli.md").read_text() == reference.cli_page(), "run `make docs`"


def test_the_settings_page_is_current() -> None:
    assert (ROOT / "docs/settings.md").read_text() == reference.settings_page(), "run `make docs`"


def test_the_settings_page_names_every_setting_with_its_variable() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    for name, _ in reference.settings():
        assert f"| `{name}` | `{environment_name(name)}` |" in page


@pytest.mark.parametrize("words", SINGLE_COMMANDS, ids=" ".join)
def test_every_command_has_an_example_in_its_help(words: tuple[str, ...]) -> None:
    text = reference.help_of(words)
    examples = text.partition("Examples:")[2]
    assert f"p2c {' '.join(words)}" in examples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [
        link
        for link in targets
        if not link.startswith("#") and not (page.parent / link.partition("#")[0]).exists()
    ]
    assert missing == []


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_to_headings_lead_to_one(page: Path) -> None:
    links = [link.partition("#") for link in LINK.findall(page.read_text()) if "://" not in link]
    named = [((page.parent / path) if path else page, name) for path, _, name in links if name]
    assert [name for found, name in named if name not in anchors(found)] == []


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_in_the_documentation_exist(page: Path) -> None:
    top = get_command(app).commands  # type: ignore[attr-defined]
    unknown = []
    for call in CALL.findall(page.read_text()):
        words = call.split()
        command = top.get(words[0])
        inner = getattr(command, "commands", None)
        if command is None or (inner and len(words) > 1 and words[1] not in inner):
            unknown.append(call)
    assert unknown == []


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_make_targets_in_the_documentation_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(
        [*FENCED.findall(page.read_text()), *re.findall(r"`([^`\n]+)`", page.read_text())]
    )
    named = set(re.findall(r"(?:^|\s)make ([a-z-]+)", code, re.MULTILINE))
    assert named <= targets


def test_sql_in_the_readme_reads_tables_that_exist() -> None:
    blocks = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    named = set(re.findall(r"\bfrom (\w+)\.(\w+)", "\n".join(blocks)))
    models = {path.stem for path in ROOT.glob("models/**/*.sql")}
    assert named
    missing = {(s, t) for s, t in named if t not in (TABLES if s == "ledger" else models)}
    assert missing == set()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs/decisions/0001-layout-and-dependencies.md").read_text()
    extras = project["optional-dependencies"]
    sandbox = (ROOT / "sandbox/requirements.in").read_text().split()
    wanted = [*project["dependencies"], *(line for lines in extras.values() for line in lines)]
    wanted += sandbox
    ours = "prospect-to-cash"
    names = [re.split(r"[\[<>=~! ]", line)[0] for line in wanted]
    assert [name for name in names if name not in reasons and not name.startswith(ours)] == []


def test_pages_are_reachable_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = list(reached)
    while waiting:
        page = waiting.pop()
        for link in LINK.findall(page.read_text()):
            found = (page.parent / link.partition("#")[0]).resolve()
            found = found / "README.md" if found.is_dir() else found
            if found.suffix == ".md" and found.exists() and found not in reached:
                reached.add(found)
                waiting.append(found)
    ours = [page for page in PAGES if page.parent != ROOT]
    assert [page for page in ours if page not in reached] == []
