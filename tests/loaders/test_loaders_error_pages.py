"""Each class of error has its page: example, meaning, what to do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.errors import LoaderError, PlanError, ServiceError

PAGES = Path(__file__).parents[2] / "docs" / "errors"
FAMILIES = (LoaderError, PlanError, ServiceError)


def leaves(kind: type[LoaderError] = LoaderError) -> Iterator[type[LoaderError]]:
    for below in kind.__subclasses__():
        if below.__module__ == LoaderError.__module__:
            if below not in FAMILIES:
                yield below
            yield from leaves(below)


def page_of(kind: type[LoaderError]) -> Path:
    words = re.findall(r"[A-Z][a-z]+", kind.__name__)
    return PAGES / f"{'-'.join(words).lower()}.md"


@pytest.mark.parametrize("kind", list(leaves()), ids=lambda kind: kind.__name__)
def test_every_error_has_its_page(kind: type[LoaderError]) -> None:
    text = page_of(kind).read_text()
    assert text.startswith(f"# {kind.__name__}\n\nConsequence: ")
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == ["Example", "Meaning", "What to do"]


def test_the_overview_links_every_page() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", (PAGES / "README.md").read_text()))
    assert linked == {page.name for page in PAGES.glob("*.md")} - {"README.md"}
