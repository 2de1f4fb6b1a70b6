"""A program and a webhook that take a message, and what they do when they do not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from p2c.config.notify_settings import Notify
from p2c.notify.receivers import SHOWN, NotTaken, receivers

from .notify_world import Webhook, webhook

MESSAGE = {"event": "test", "text": "title_with_underscores\nSecond line."}
# It starts another that would outlive it, which holds a named pipe open, and waits for it.
HANGS = "(echo begun; exec sleep 1000) > pipe & wait"
MUCH = "import sys; sys.stdout.write('x' * 5_000_000 + ' at the end'); sys.stderr.write('e' * 100)"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """As many tries as ever, one right after the other."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


def post(hook: Webhook, **values: object) -> str:
    settings = Notify.model_validate({"webhook": hook.url, "timeout": 30, **values})
    return receivers(settings, Path())["webhook"](MESSAGE)


def run(folder: Path, *words: str, timeout: float = 30) -> str:
    settings = Notify.model_validate({"command": list(words), "timeout": timeout})
    return receivers(settings, folder)["command"](MESSAGE)


def test_the_message_is_posted_as_json_and_the_answer_shown(hook: Webhook) -> None:
    hook.text = b"thank  you\n" * 1000
    answer = post(hook)
    assert answer.startswith("200 thank you thank you")
    assert len(answer) < 300
    assert hook.bodies == [MESSAGE]
    assert hook.headers[0]["Content-Type"] == "application/json"
    assert "Authorization" not in hook.headers[0]


def test_a_webhook_that_wants_a_token_gets_it(hook: Webhook) -> None:
    post(hook, webhook_token="t0ken")
    assert hook.headers[0]["Authorization"] == "Bearer t0ken"


def test_teams_gets_a_card_with_every_line_as_plain_text(hook: Webhook) -> None:
    post(hook, webhook_format="card")
    [body] = hook.bodies
    [attachment] = body["attachments"]
    assert body["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], {block["type"] for block in card["body"]}) == (
        "AdaptiveCard",
        {"RichTextBlock"},
    )
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert "\n".join(run["text"] for run in runs) == MESSAGE["text"]


@pytest.mark.parametrize("busy", [500, 503, 429])
def test_a_webhook_that_is_busy_is_tried_again(hook: Webhook, busy: int) -> None:
    hook.answers = [busy, 200]
    assert post(hook) == "200 taken"
    assert len(hook.bodies) == 2


def test_one_that_stays_busy_is_left_after_three_tries(hook: Webhook) -> None:
    hook.answers = [500]
    with pytest.raises(NotTaken, match=rf"127\.0\.0\.1:{hook.port} answered 500: taken$"):
        post(hook)
    assert len(hook.bodies) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_refusal_is_not_repeated(hook: Webhook, status: int) -> None:
    hook.answers = [status]
    with pytest.raises(NotTaken, match=str(status)):
        post(hook)
    assert len(hook.bodies) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_else_gets_it_by_a_redirect(hook: Webhook, status: int) -> None:
    with webhook() as other:
        hook.answers, hook.location = [status], other.url
        with pytest.raises(NotTaken, match=f"sends on to http://127.0.0.1:{other.port}, which"):
            post(hook)
        assert other.bodies == []


def test_a_webhook_that_hangs_is_left_in_time(hook: Webhook) -> None:
    hook.hanging = True
    with pytest.raises(NotTaken, match=r"(did not answer within 0.3 s|gave no answer)"):
        post(hook, timeout=0.3)
    assert len(hook.bodies) == 1


def test_nobody_at_the_address(hook: Webhook) -> None:
    with webhook() as gone:
        pass
    with pytest.raises(NotTaken, match="cannot be reached") as found:
        post(gone)
    assert "s3cret" not in str(found.value)


def test_a_command_gets_the_message_on_stdin_in_the_project(tmp_path: Path) -> None:
    code = "import pathlib, sys; pathlib.Path('got').write_text(sys.stdin.read()); print('thanks')"
    assert run(tmp_path, sys.executable, "-c", code) == "thanks"
    assert json.loads((tmp_path / "got").read_text()) == MESSAGE


def test_no_shell_reads_its_words(tmp_path: Path) -> None:
    words = ["$HOME; touch made", "`touch made`", "a b", "*"]
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    assert json.loads(run(tmp_path, sys.executable, "-c", code, *words)) == words
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="no-such-program cannot be started: No such file"):
        run(tmp_path, "no-such-program")


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no right to execute")
def test_a_command_that_is_not_executable(tmp_path: Path) -> None:
    script = tmp_path / "hook.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o644)
    with pytest.raises(NotTaken, match="cannot be started: Permission denied"):
        run(tmp_path, str(script))


def test_a_command_that_fails_says_what_it_wrote_last(tmp_path: Path) -> None:
    code = "import sys; sys.exit('no mail server')"
    with pytest.raises(NotTaken, match="ended with 1: no mail server"):
        run(tmp_path, sys.executable, "-c", code)


def test_a_command_that_writes_a_lot_and_reads_nothing(tmp_path: Path) -> None:
    answer = run(tmp_path, sys.executable, "-c", MUCH)
    assert len(answer) == SHOWN
    assert "at the end" in answer


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sessions of processes")
def test_a_command_that_hangs_ends_with_all_that_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(NotTaken, match="had not ended after 1 s"):
            run(tmp_path, "sh", "-c", HANGS, timeout=1)
        os.set_blocking(reader, True)
        assert os.read(reader, 100) == b"begun\n"
        assert os.read(reader, 100) == b""  # which comes when the last one that holds it is gone
    finally:
        os.close(reader)
