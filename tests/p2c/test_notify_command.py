"""`p2c notify`: for a person, a scheduler and a monitoring system; its settings; causes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loaders import Clock, Ledger
from p2c.config.context import load
from p2c.errors import SettingsError
from p2c.lock import hold
from p2c.notify import notifier
from p2c.notify.causes import causes
from p2c.run.every import repeat
from p2c.screen.output import Output

from .cli_world import FLOW, Call, World
from .notify_world import Webhook, settings, webhook
from .report_world import HOSTILE, fill, held_by_another


@pytest.fixture
def hook(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    with webhook() as found:
        settings(project, webhook=found.url, timeout=30, hours_since_run=6)
        yield found


def ended(project: Path, hours: float, status: str = "ok", **report: object) -> None:
    """A run so many hours ago."""

    class Then(Clock):
        def now(self) -> datetime:
            return datetime.now(UTC) - timedelta(hours=hours)

    with Ledger.open(project / ".p2c", Then()) as ledger:
        ledger.finish_run(ledger.start_run("run"), status, report)


def test_the_age_of_data_is_seen_by_a_check(hook: Webhook, project: Path, p2c: Call) -> None:
    ended(project, 7)
    for _ in range(3):
        result = p2c("notify", "--check")
        assert result.code == 1
        assert "For 7.0 hours no run came to its end (threshold 6)." in result.out
    assert hook.events == ["problem"]
    ended(project, 1)
    assert [p2c("notify", "--check").code for _ in range(2)] == [0, 0]
    assert hook.events == ["problem", "recovery"]


def test_a_run_that_never_ends_is_seen_by_those_that_it_keeps_out(
    world: World, hook: Webhook, project: Path, p2c: Call
) -> None:
    ended(project, 7)
    with hold(project / "warehouse.duckdb", "run"):
        assert [p2c("run").code for _ in range(2)] == [1, 1]
    assert [[row["kind"] for row in body["problems"]] for body in hook.bodies] == [
        ["hours_since_run"]
    ]


def test_alone_it_sends_nothing_and_leaves_no_trace(
    hook: Webhook, project: Path, p2c: Call
) -> None:
    ended(project, 7)
    result = p2c("notify", "--json")
    assert (result.code, result.data["status"]) == (0, "crossed")
    [row] = result.data["conditions"]
    assert (row["kind"], row["count"], row["limit"]) == ("hours_since_run", 7.0, "6")
    assert hook.bodies == []
    assert not (project / ".p2c/notify.json").exists()


def test_a_check_without_receivers_speaks_by_its_exit_code(
    project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    settings(project, hours_since_run=6)
    assert p2c("notify", "--check").code == 1
    ended(project, 1)
    result = p2c("notify", "--check")
    assert result.code == 0
    assert "No threshold is crossed." in result.out
    assert "Nobody is set to be notified" in result.out


def test_a_receiver_that_fails_leaves_the_exit_code_of_a_check(
    hook: Webhook, project: Path, p2c: Call
) -> None:
    hook.answers = [404]
    ended(project, 1)
    assert p2c("notify", "--check").code == 0
    ended(project, 0, "failed", error="x")
    result = p2c("notify", "--check", "--json")
    assert (result.code, result.data["sent"]) == (1, [])
    assert "answered 404" in result.data["failures"]["webhook"]
    assert "tried again at the next run" in result.err


def test_a_test_message_goes_to_each_and_shows_the_answers(
    hook: Webhook, project: Path, p2c: Call
) -> None:
    settings(project, webhook=hook.url, command=[sys.executable, "-c", "print('queued as 42')"])
    result = p2c("notify", "--test")
    assert result.code == 0
    assert "webhook: taken, it says: 200 taken" in result.out
    assert "command: taken, it says: queued as 42" in result.out
    assert hook.events == ["test"]
    assert not (project / ".p2c/notify.json").exists()


def test_a_test_that_is_not_taken_exits_with_1(hook: Webhook, p2c: Call) -> None:
    hook.answers, hook.text = [403], b"no such hook"
    result = p2c("notify", "--test", "--json")
    assert (result.code, result.data["status"]) == (1, "failed")
    assert result.data["failures"]["webhook"].endswith("answered 403: no such hook")


def test_a_test_without_receivers_says_what_to_set(
    project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    result = p2c("notify", "--test")
    assert result.code == 1
    assert "set p2c.notify.command or p2c.notify.webhook" in result.err


def test_a_flow_that_is_not_there_is_named(
    world: World, hook: Webhook, project: Path, p2c: Call
) -> None:
    (project / "target").mkdir()
    (project / "target/manifest.json").write_text("{}")
    text = (project / ".dlt/secrets.toml").read_text()
    section = "[p2c.notify.by_flow.acounts]\nfailed = 1\n"
    (project / ".dlt/secrets.toml").write_text(text + section)
    result = p2c("notify", "--check")
    assert result.code == 1
    assert "Setting p2c.notify.by_flow.acounts is of no flow; the flows are accounts" in result.err


def wrong(project: Path, text: str) -> str:
    path = project / ".dlt/config.toml"
    path.write_text(f"[p2c.notify]\n{text}\n")
    with pytest.raises(SettingsError) as found:
        load(project)
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rejcted = 1", "Unknown setting p2c.notify.rejcted"),
        ("rejected = 0.5", "p2c.notify.rejected in .dlt/config.toml is 0.5: '0.5' is neither"),
        ('failed = "0%"', "p2c.notify.failed in .dlt/config.toml is '0%'"),
        ("timeout = 0", "p2c.notify.timeout"),
        ("hours_since_run = -1", "p2c.notify.hours_since_run"),
        ('webhook_format = "teams"', "p2c.notify.webhook_format"),
        ('command = "mail \'x"', "no closing quotation"),
        ("by_flow = {accounts = {faild = 1}}", "Did you mean p2c.notify.by_flow.accounts.failed?"),
    ],
)
def test_settings_that_are_wrong_are_named(project: Path, text: str, words: str) -> None:
    assert words in wrong(project, text)


@pytest.mark.parametrize(
    "url", ["http://hooks.example/s3cret", "https://a@b.example/s3cret", "s3cret", "ftp://x/s3cret"]
)
def test_an_address_that_is_not_safe_is_refused_and_not_shown(project: Path, url: str) -> None:
    words = wrong(project, f'webhook = "{url}"')
    assert "p2c.notify.webhook in .dlt/config.toml is a secret: it must be an https" in words
    assert "s3cret" not in words


def test_settings_come_from_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2C__NOTIFY__COMMAND", "mail -s 'two words' me@example.com")
    monkeypatch.setenv("P2C__NOTIFY__REJECTED", "20, 5%")
    found = load(project).settings.p2c.notify
    assert found.command == ("mail", "-s", "two words", "me@example.com")
    assert found.rejected == ("20", "5%")


def test_causes_are_counted_and_hold_no_key_and_no_value(project: Path) -> None:
    fill(project)
    found = causes(project / "warehouse.duckdb", {"rejected", "failed"})
    counted = {(row["kind"], row["flow"], row["code"]): row["records"] for row in found}
    assert counted["rejected", "accounts", "no_value_map"] == 2
    assert counted["rejected", "accounts", "no_currency"] == 1
    assert sum(row["records"] for row in found if row["kind"] == "failed") == 2
    text = json.dumps(found, default=str)
    assert not any(word in text for word in ("rejected-1", "R-1", "Atlantis", HOSTILE[:9]))


def test_causes_are_left_out_where_the_warehouse_is_held(project: Path) -> None:
    path = project / "warehouse.duckdb"
    fill(project)
    with held_by_another(path):
        assert causes(path, {"rejected"}) == []


def test_an_outage_of_a_whole_night_is_one_message_and_one_when_it_is_over(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run has its own hour; the age is crossed in the middle of the night, which
    is a message of its own."""
    monkeypatch.setitem(FLOW, "rejected", 0)
    begin = datetime.now(UTC)
    p2c("run")
    for minutes in range(60, 601, 60):
        moment = begin + timedelta(minutes=minutes)
        with Ledger.open(project / ".p2c") as ledger:
            run = ledger.start_run("run")
            ledger.finish_run(run, "failed", {"error": "x", "error_type": "ServiceUnavailable"})
        notifier.notify(load(project), clock=lambda at=moment: at)
    assert hook.events == ["problem", "problem"]
    assert [row["kind"] for row in hook.bodies[1]["problems"] if row["is_new"]] == [
        "hours_since_run"
    ]
    p2c("run")
    assert hook.events == ["problem", "problem", "recovery"]


@pytest.mark.long
def test_repeated_runs_notify_by_themselves(hook: Webhook, project: Path) -> None:
    """Two that fail and a third that is called wrongly: processes of their own, one message."""
    step = (
        "import pathlib, sys\n"
        "from p2c import cli\n"
        "from p2c.run import engine\n"
        "def fails(*_): raise RuntimeError('no')\n"
        "engine.refresh = fails\n"
        "note = pathlib.Path(sys.argv.pop(1))\n"
        "note.write_text(note.read_text() + 'x')\n"
        "sys.exit(2) if len(note.read_text()) > 2 else cli.main()\n"
    )
    note = project / "runs"
    note.touch()
    words = ["--project-dir", str(project), "run"]
    assert repeat([sys.executable, "-c", step, str(note), *words], 0, Output()) == 2
    assert note.read_text() == "xxx"
    assert hook.events == ["problem"]
