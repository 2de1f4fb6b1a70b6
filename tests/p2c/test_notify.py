"""Who hears of a run: on a change of state only, from the command line to a webhook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders import Ledger
from p2c.commands import notify
from p2c.lock import hold
from p2c.notify import notifier, state
from p2c.run import engine
from pipelines.common.errors import AuthenticationFailed

from .cli_world import FLOW, Call, World
from .notify_world import Webhook, settings, webhook


@pytest.fixture
def hook(project: Path) -> Iterator[Webhook]:
    with webhook() as found:
        settings(project, webhook=found.url, rejected=[1, 3], blocked=[], timeout=30)
        yield found


def rejects(monkeypatch: pytest.MonkeyPatch, rejected: int, failed: int = 0) -> None:
    """What the next runs count."""
    monkeypatch.setitem(FLOW, "rejected", rejected)
    monkeypatch.setitem(FLOW, "failed", failed)


# What a run counts, and the event that it makes of what the one before it counted.
STORY = [
    (0, 0, None, "ok from the beginning"),
    (2, 0, "problem", "ok to bad"),
    (2, 0, None, "bad to bad"),
    (1, 0, None, "bad to bad, by another number"),
    (3, 0, "problem", "a higher step"),
    (2, 0, None, "back to the lower step"),
    (2, 1, "problem", "another threshold"),
    (2, 0, "recovery", "one of both is over"),
    (0, 0, "recovery", "bad to ok"),
    (0, 0, None, "ok to ok"),
    (0, 1, "problem", "and again"),
]


def test_each_change_of_state_makes_one_message(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rejected, failed, event, why in STORY:
        before = len(hook.bodies)
        rejects(monkeypatch, rejected, failed)
        result = p2c("run")
        assert (result.code, result.err) == (0, ""), why
        assert hook.events[before:] == ([event] if event else []), why
    worse, better = hook.bodies[2], hook.bodies[3]
    assert [row["kind"] for row in worse["problems"] if row["is_new"]] == ["failed"]
    assert [row["kind"] for row in worse["problems"]] == ["rejected", "failed"]
    assert [row["key"] for row in better["recovered"]] == ["failed"]
    assert "better, 1 problem left" in better["text"]
    assert "all is well again" in hook.bodies[4]["text"]


def test_a_message_has_counts_and_what_to_do(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejects(monkeypatch, 3)
    p2c("run")
    [body] = hook.bodies
    [row] = body["problems"]
    wanted = {"kind": "rejected", "count": 3, "of": FLOW["source_rows"], "limit": "3", "level": 2}
    assert {name: row[name] for name in wanted} == wanted
    assert "3 of 5 records cannot be written (threshold 3)" in body["text"]
    assert "First: p2c rejects" in body["text"]
    assert (body["project"], body["environment"]) == (project.name, "127.0.0.1")
    assert body["run"]["status"] == "ok"


@pytest.mark.parametrize(
    ("error", "shown", "hidden"),
    [
        (AuthenticationFailed("sales", "https://login.example", "no"), "refused", "s3cret-key"),
        (RuntimeError("usmf/s3cret-key is odd"), "RuntimeError; p2c status", "s3cret-key"),
        (KeyboardInterrupt(), "was interrupted", "s3cret-key"),
    ],
)
def test_a_run_that_fails_at_any_stage(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch,
    error: BaseException, shown: str, hidden: str,
) -> None:  # fmt: skip
    def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(engine, "refresh", fails)
        codes = {p2c("run").code for _ in range(3)}
    assert codes == {130 if isinstance(error, KeyboardInterrupt) else 1}
    assert hook.events == ["problem"]
    assert shown in hook.bodies[0]["text"]
    assert hidden not in json.dumps(hook.bodies[0])
    rejects(monkeypatch, 0)
    p2c("run")
    assert hook.events == ["problem", "recovery"]
    assert "the run came to its end again" in hook.bodies[1]["text"]


def test_words_of_errors_come_where_they_are_wanted(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("usmf/ACC-1 is odd")

    settings(project, webhook=hook.url, details=True)
    monkeypatch.setattr(engine, "refresh", fails)
    p2c("run")
    assert "usmf/ACC-1 is odd" in hook.bodies[0]["text"]


def test_a_run_that_a_guard_stops(world: World, hook: Webhook, p2c: Call) -> None:
    world.guard = "too_many_changes"
    assert p2c("run").code == 1
    assert "Stopped before the first write" in hook.bodies[0]["text"]


def test_an_apply_that_was_broken_off(world: World, hook: Webhook, p2c: Call) -> None:
    world.status = "aborted"
    p2c("run")
    assert "was broken off" in hook.bodies[0]["text"]


def test_a_run_whose_process_was_killed(
    world: World, hook: Webhook, project: Path, p2c: Call
) -> None:
    """It can send nothing; the next check does."""
    with Ledger.open(project / ".p2c") as ledger:
        ledger.start_run("run")
    assert p2c("notify", "--check").code == 1
    assert "its process is gone" in hook.bodies[0]["text"]


def test_runs_that_are_killed_each_time_are_heard_of(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for want of memory: none of them gets to its end, the next one finds its trace."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    rejects(monkeypatch, 0)
    with monkeypatch.context() as broken:
        broken.setattr(engine, "refresh", killed)
        broken.setattr(Ledger, "finish_run", lambda *_: None)
        broken.setattr(notify, "after_command", lambda *_: None)
        for _ in range(3):
            with pytest.raises(Killed):
                p2c("run")
    assert hook.events == ["problem"]
    p2c("run")
    assert hook.events == ["problem", "recovery"]


def test_a_retry_that_comes_through_is_the_recovery(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejects(monkeypatch, 0, failed=2)
    p2c("run")
    monkeypatch.setattr("p2c.run.retry.plan_retry", lambda run, *_, **__: (None, world.plan))
    rejects(monkeypatch, 0, failed=0)
    assert p2c("retry").code == 0
    assert hook.events == ["problem", "recovery"]


def test_while_another_run_is_on_a_second_one_changes_nothing(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejects(monkeypatch, 0)
    p2c("run")
    with hold(project / "warehouse.duckdb", "run"):
        assert p2c("run").code == 1
    assert hook.bodies == []


def test_a_run_that_could_not_begin_is_known_until_one_does(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no row in the ledger, and a check in between must not take it for over."""
    rejects(monkeypatch, 0)

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(engine, "running", fails)
        assert p2c("run").code == 1
    assert "could not begin" in hook.bodies[0]["text"]
    assert p2c("notify", "--check").code == 1
    assert hook.events == ["problem"]
    p2c("run")
    assert hook.events == ["problem", "recovery"]
    assert p2c("notify", "--check").code == 0


def test_a_mistyped_flow_notifies_nobody(world: World, hook: Webhook, p2c: Call) -> None:
    assert p2c("run", "--select", "acounts").code == 2
    assert p2c("apply", "--no-such-option").code == 2
    assert hook.bodies == []


def test_a_crash_between_sending_and_noting_sends_once_more(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    rejects(monkeypatch, 2)
    with monkeypatch.context() as broken:
        broken.setattr(state, "save", killed)
        with pytest.raises(Killed):
            p2c("run")
    for _ in range(3):
        p2c("run")
    assert hook.events == ["problem", "problem"]


def test_a_full_disk_keeps_nobody_from_being_notified(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    rejects(monkeypatch, 2)
    monkeypatch.setattr(state, "save", full)
    result = p2c("run")
    assert (result.code, hook.events) == (0, ["problem"])
    assert "What was sent could not be noted, the next run sends it again" in result.err


def test_a_receiver_that_takes_nothing_is_tried_again_at_the_next_run(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has its message and does not get it twice."""
    note = project / "note.jsonl"
    words = [
        sys.executable,
        "-c",
        "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))",
    ]
    settings(project, webhook=hook.url, rejected=1, command=[*words, str(note)], timeout=30)
    hook.answers = [400, 404, 200]
    rejects(monkeypatch, 1)
    for code in (400, 404):
        result = p2c("run")
        assert result.code == 0
        assert f"Nobody was notified by webhook: the webhook at {hook.url[:22]}" in result.err
        assert f"answered {code}: taken. It is tried again at the next run." in result.err
        assert "s3cret" not in result.err
    assert [p2c("run").err, p2c("run").err] == ["", ""]
    assert len(hook.bodies) == 3
    assert [json.loads(line)["event"] for line in note.read_text().splitlines()] == ["problem"]


def test_an_unreadable_state_is_an_empty_one(
    world: World, hook: Webhook, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejects(monkeypatch, 1)
    for text in ("", "[]", '{"sent": 3, "since": {}}', "{"):
        (project / ".p2c").mkdir(exist_ok=True)
        (project / ".p2c/notify.json").write_text(text)
        assert p2c("run").code == 0
    assert hook.events == ["problem"] * 4
    assert (project / ".p2c/notify.json").stat().st_mode & 0o077 == 0


def test_the_plan_that_nobody_confirmed_is_no_failure(
    world: World, hook: Webhook, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "n")
    assert p2c("run").code == 1
    assert hook.bodies == []


def test_no_receiver_no_work(
    world: World, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "facts", lambda *_, **__: pytest.fail("nobody wants it"))
    assert p2c("run").code == 0
    assert not (project / ".p2c/notify.json").exists()
