"""A Chromium without a window, for tests of pages; it speaks to no network by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str:
    """Where it is; P2C_CHROMIUM goes first. Skips the test where there is none."""
    found = os.environ.get("P2C_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"No Chromium on this machine (P2C_CHROMIUM, {', '.join(NAMES)}).")
    return found


@contextmanager
def launched() -> Iterator[Any]:
    """A running browser."""
    path = chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed where it skips

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page at one width, with what it asked for and what its console said."""

    page: Any
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def rows(self, table: str) -> list[list[str]]:
        """The texts of a table's cells, as they are in the document."""
        script = "(id) => [...document.getElementById(id).tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))"  # noqa: E501
        found: list[list[str]] = self.page.evaluate(script, table)
        return found

    def focused(self) -> str:
        """Id or text of what has the focus."""
        script = "document.activeElement.id || document.activeElement.textContent.trim()"
        return str(self.page.evaluate(script))


@contextmanager
def opened(browser: Any, url: str, width: int, scheme: str = "light") -> Iterator[Tab]:
    """The address in a tab of that width; everything but itself is refused and noted."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab = Tab(context.new_page())
    tab.page.on("console", lambda message: tab.messages.append(message.text))
    tab.page.on("pageerror", lambda error: tab.messages.append(str(error)))
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    tab.page.goto(url)
    yield tab
    context.close()
