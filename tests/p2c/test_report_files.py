"""`p2c report`: the file it writes, and what it says where it cannot."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from p2c.lock import hold
from p2c.report import page as pages

from .cli_world import Call
from .pictures import PICTURES
from .report_world import fill, held_by_another


@pytest.fixture
def staged(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fill(project)
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    return project


def test_one_file_that_only_its_owner_reads(staged: Path, p2c: Call) -> None:
    done = p2c("report", "--json")
    file = staged / "report.html"
    assert done.data == {
        "status": "ok", "file": str(file), "bytes": file.stat().st_size, "records": 130, "of": 130,
    }  # fmt: skip
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path for path in staged.iterdir() if path.name.startswith(".report")] == []


def test_a_folder_that_is_not_there_leaves_nothing(staged: Path, p2c: Call) -> None:
    done = p2c("report", "--out", "missing/report.html")
    assert (done.code, "missing" in done.err) == (1, True)
    assert "No such file" in done.err


def test_a_folder_in_the_files_place_is_left_alone(staged: Path, p2c: Call) -> None:
    (staged / "report.html").mkdir()
    done = p2c("report")
    assert (done.code, "report.html" in done.err) == (1, True)
    assert sorted(path.name for path in staged.glob(".report*")) == []


def test_an_interrupted_write_leaves_the_old_page(
    staged: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (staged / "report.html").write_text("the old one")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    done = p2c("report")
    assert (done.code, "No space left" in done.err) == (1, True)
    assert (staged / "report.html").read_text() == "the old one"
    assert sorted(path.name for path in staged.glob(".report*")) == []


def test_the_pictures_are_small_and_shown() -> None:
    root = Path(__file__).parents[2]
    taken = {path.name: path.stat().st_size for path in root.glob("docs/pictures/*.png")}
    shown = (root / "docs/report.md").read_text()
    assert set(taken) == {f"{name}.png" for name in PICTURES}
    assert {name: size for name, size in taken.items() if size > 150_000} == {}
    assert [name for name in taken if f"(pictures/{name})" not in shown] == []


def test_without_a_warehouse(project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    done = p2c("report", "--json")
    assert done.code == 1
    assert "run `p2c run` first" in done.data["error"]
    assert not (project / "report.html").exists()


def test_before_the_first_run(project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    duckdb.connect(str(project / "warehouse.duckdb")).close()
    done = p2c("report")
    assert (done.code, "No run is in the warehouse's ledger yet" in done.err) == (1, True)


@pytest.mark.parametrize(
    "older",
    ["alter table ledger.writes drop column agreement", "drop table quality.record_standings"],
)
def test_a_warehouse_of_an_earlier_version(staged: Path, p2c: Call, older: str) -> None:
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute(older)
    done = p2c("report")
    assert (done.code, "of an earlier version; `p2c plan` brings it" in done.err) == (1, True)


def test_an_unfinished_build(staged: Path, p2c: Call) -> None:
    with duckdb.connect(str(staged / "warehouse.duckdb")) as connection:
        connection.execute("drop table quality.reconciliation")
    done = p2c("report")
    assert (done.code, "Run `p2c build` first." in done.err) == (1, True)


def test_a_run_that_holds_the_warehouse(staged: Path, p2c: Call) -> None:
    with held_by_another(staged / "warehouse.duckdb"), hold(staged / "warehouse.duckdb", "run"):
        done = p2c("report")
    assert (done.code, "is held by process" in done.err) == (1, True)


def test_what_a_script_gets_cannot_end_its_element() -> None:
    text = "</script><!-- \u2028 & "
    dumped = pages.embedded({"a": text})
    assert not set("<>&\u2028") & set(dumped)
    assert json.loads(dumped) == {"a": text}


def test_the_policy_forbids_everything_else() -> None:
    policy = pages.policy(["one"], "two", live=False)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "connect-src" not in policy
    assert "connect-src 'self'" in pages.policy(["one"], "two", live=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read_on_their_ground(theme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2, 1.4.3)."""
    colours = _colours(theme)
    for ground in ("paper", "soft"):
        for text in ("ink", "faint", "link", "bad"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for text in ("agree", "differ"):  # the values that come and go; bars need 3 to 1
        assert _contrast(colours[text], colours["paper"]) >= 4
    for bar in ("agree", "differ", "only-source", "only-target"):
        assert _contrast(colours[bar], colours["paper"]) >= 3


def _colours(theme: str) -> dict[str, str]:
    css = pages.text("page/report.css")
    block = css.partition(':root[data-theme="dark"]')[2] if theme == "dark" else css
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block.partition("}")[0]))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted(map(_luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
