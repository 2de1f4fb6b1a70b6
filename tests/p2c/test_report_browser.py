"""The report in a real browser at the widths of a phone, a tablet and a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from p2c.config.context import load
from p2c.report.data import Asked, collect
from p2c.report.page import page

from .browser import Tab, launched, opened
from .record_world import RECORD_KEY
from .report_world import HOSTILE, STAGES, WRITES, counted, fill, writes

WIDTHS = (360, 768, 1440)
ALL = f"{WRITES} of {WRITES} records, 25 shown"
# Shares of the one bar that the stages make.
HEIGHTS = """(all) => {
  const heights = all.map((one) => one.getBBox().height).filter((one) => one > 0);
  return heights.map((one) => one / heights.reduce((sum, more) => sum + more, 0));
}"""
NAMED = frozenset(("button", "combobox", "searchbox", "link", "table", "dialog", "region", "image"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("report")
    (project / "dbt_project.yml").write_text("name: test\n")
    fill(project)
    path = project / "report.html"
    path.write_text(page(collect(load(project), Asked(1000))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as found:
        yield found


@pytest.fixture(params=WIDTHS)
def tab(browser: Any, file: Path, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """The page, which must have asked for nothing and said nothing when a test has ended."""
    with opened(browser, file.as_uri(), request.param) as found:
        yield found
        assert set(found.requests) == {file.as_uri()}
        assert found.messages == []


def test_it_fits_and_draws_its_charts(tab: Tab) -> None:
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.firstElementChild.id)"  # noqa: E501
    assert tab.page.locator(".scroll").evaluate_all(wide) == []
    counts = [place.split(",") for place in tab.page.locator(".bar").evaluate_all(
        "(all) => all.map((one) => one.dataset.counts)")]  # fmt: skip
    drawn = tab.page.locator(".bar").evaluate_all(
        "(all) => all.map((one) => [...one.querySelectorAll('.ct-bar')].map((bar) => bar.getBBox().width))"  # noqa: E501
    )
    for numbers, widths in zip(counts, drawn, strict=True):
        all_of_them = sum(map(int, numbers))
        shares = [int(number) / all_of_them for number in numbers]
        assert [width / sum(widths) for width in widths] == pytest.approx(shares, abs=0.01)
    assert tab.page.locator("#time-chart .ct-point").count() == 4 * 2  # statuses by runs
    assert tab.page.locator("#runs-chart .ct-bar").count() == 2 * 3
    assert tab.page.locator("#stages-chart .ct-bar").evaluate_all(HEIGHTS) == pytest.approx(
        [seconds / sum(STAGES.values()) for seconds in STAGES.values()], abs=0.01
    )


def test_filters(tab: Tab) -> None:
    assert tab.page.locator("#found").inner_text() == ALL
    tab.page.select_option("#by-status", "rejected")
    assert [row[3] for row in tab.rows("writes")] == ["rejected"]
    tab.page.click("#clear")
    assert tab.page.locator("#found").inner_text() == ALL
    tab.page.select_option("#by-operation", "update")
    tab.page.select_option("#by-flow", "accounts")
    tab.page.select_option("#by-company", "demf")
    wanted = sum(
        count
        for (flow, operation, key), count in counted("flow", "operation", "record_key").items()
        if (flow, operation, key[:5]) == ("accounts", "update", "demf/")
    )
    assert tab.page.locator("#found").inner_text() == f"{wanted} of {WRITES} records"
    assert len(tab.rows("writes")) == wanted


def test_search_finds_numbers_names_and_values(tab: Tab) -> None:
    tab.page.fill("#find", "customer 42")
    assert [row[0] for row in tab.rows("writes")] == ["usmf/ACC-42"]
    tab.page.fill("#find", "service says no")
    refused = [row for row in writes() if row["error_message"]]
    assert len(tab.rows("writes")) == len(refused) == 2
    tab.page.fill("#find", "there is no such record")
    assert tab.rows("writes") == []
    assert tab.page.locator("#found").inner_text() == f"0 of {WRITES} records"


def test_more_rows_come_when_asked_for(tab: Tab) -> None:
    seen = [len(tab.rows("writes"))]
    while tab.page.locator("#further").is_visible():
        tab.page.click("#further")
        seen.append(len(tab.rows("writes")))
    assert seen == [25, 50, 75, 100, 125, WRITES]


def test_down_to_one_record(tab: Tab) -> None:
    tab.page.fill("#find", RECORD_KEY)
    opener = tab.page.get_by_role("button", name=RECORD_KEY, exact=True)
    opener.click()
    shown = tab.page.get_by_role("dialog")
    text = shown.inner_text()
    for part in ("Old name", "Customer 0", "1234567890123456.7800", "HTTP status", "204",
                 f"p2c explain {RECORD_KEY}", "raw_sales.accounts"):  # fmt: skip
        assert part in text
    assert shown.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    shown.get_by_text("raw_sales.accounts").click()
    assert HOSTILE in shown.inner_text()
    tab.page.keyboard.press("Escape")
    assert not shown.is_visible()
    assert tab.focused() == RECORD_KEY


def test_what_people_typed_is_text(tab: Tab) -> None:
    tab.page.fill("#find", "onerror")
    ((_, _, _, _, _, change),) = tab.rows("writes")
    assert "</script>" in change
    assert tab.page.locator("img").count() == 0


def test_the_theme_follows_the_system_until_it_is_chosen(
    browser: Any, file: Path, tab: Tab
) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = tab.page.evaluate(paper)
    tab.page.get_by_role("button", name="Dark colours").click()
    dark = tab.page.evaluate(paper)
    tab.page.reload()
    assert (tab.page.evaluate(paper), dark != light) == (dark, True)
    tab.page.get_by_role("button", name="Light colours").click()
    assert tab.page.evaluate(paper) == light
    with opened(browser, file.as_uri(), 768, scheme="dark") as other:
        assert other.page.evaluate(paper) == dark


def test_by_keyboard_alone(tab: Tab) -> None:
    tab.page.keyboard.press("Tab")
    assert tab.focused() == "Skip to the content"
    tab.page.keyboard.press("Tab")
    assert tab.focused() == "theme"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.page.focus("#find")
    tab.page.keyboard.type("customer 7")
    for _ in range(20):
        tab.page.keyboard.press("Tab")
        if tab.focused() == "demf/ACC-7":
            break
    tab.page.keyboard.press("Enter")
    dialog = tab.page.get_by_role("dialog")
    assert "DuplicateRecord" in dialog.inner_text()
    tab.page.keyboard.press("Escape")
    assert (dialog.is_visible(), tab.focused()) == (False, "demf/ACC-7")


def test_the_chart_over_time_has_its_table(tab: Tab) -> None:
    tab.page.select_option("#time-company", "usmf")
    assert tab.rows("time-table") == [
        ["2026-01-30 10:00", "300", "20", "0", "0"],
        ["2026-01-31 10:00", "1,390", "20", "0", "0"],
    ]


def test_everything_has_a_name(tab: Tab) -> None:
    """As assistive technology has it, tables among them also where they are cards."""
    session = tab.page.context.new_cdp_session(tab.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    assert [role for role, name in named if role.lower() in NAMED and not name.strip()] == []
    assert ("table", "Records of the plan") in named
    assert sum(role == "row" for role, _ in named) > 25
