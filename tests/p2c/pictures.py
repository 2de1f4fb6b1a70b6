"""Takes the report's pictures for README and docs: `make pictures`.

Of the project in the current folder, so run the demo with a change or two first. What it takes:
phone and desk, light and dark, the page and one record.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from p2c.config.context import load
from p2c.config.project import find_project
from p2c.errors import P2CError
from p2c.report.data import Asked, collect
from p2c.report.page import page

from .browser import Tab, launched, opened

FOLDER = Path(__file__).parents[2] / "docs/pictures"
# Name → width, height, theme, the part it begins with, and whether one record is open.
PICTURES = {
    "report-desk-light": (1200, 760, "light", "", False),
    "report-desk-dark": (1200, 700, "dark", "plan", False),
    "report-phone-dark": (390, 780, "dark", "", False),
    "report-phone-light": (390, 780, "light", "plan", True),
}


def main() -> None:
    """Write the pictures; a sentence and exit code 1 where there is nothing to show."""
    try:
        found = collect(load(find_project(None)), Asked(1000))
    except P2CError as error:
        sys.exit(f"Error: {error}")
    html = page(found | {"project": "my-project"})
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        file = Path(folder) / "report.html"
        file.write_text(html, encoding="utf-8")
        for name, (width, height, theme, part, one) in PICTURES.items():
            with opened(browser, file.as_uri(), width, theme) as tab:
                tab.page.set_viewport_size({"width": width, "height": height})
                _take(tab, FOLDER / f"{name}.png", part, one)


def _take(tab: Tab, path: Path, part: str, one: bool) -> None:
    if part:
        tab.page.evaluate("(id) => document.getElementById(id).scrollIntoView()", part)
    if one:
        tab.page.locator("#writes button").first.click()
    tab.page.screenshot(path=path)
    sys.stdout.write(f"{path}: {path.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
