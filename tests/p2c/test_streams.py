"""stdout that lacks letters, that nobody reads or that is full; NO_COLOR; terminals."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from p2c.screen.streams import in_ascii

STATUS = (sys.executable, "-m", "p2c", "status")
SHOW = """
from p2c.screen import streams
from p2c.screen.layout import Grid
from p2c.screen.output import Output
streams.tolerate()
name = "M\\u00fcller \\u2192 \\u4e2d"
Output(json_mode={json}).show(Grid(("name", "rows"), [(name, 0)], numbers=1))
Output(json_mode={json}).data({{"name": name}})
"""
BAR = """
from rich.text import Text
from p2c.screen.output import Output
out = Output(no_color={no_color})
with out.progress("extract") as callback:
    callback(1, 2, "accounts")
out.show(Text("done", "bold red"))
out.fail("no")
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env=os.environ | environment,
    )


def on_terminal(code: str, **environment: str) -> str:
    """What a process writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    environ = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ | environment,
    ) as process:
        os.close(theirs)
        output = b""
        try:
            while part := os.read(ours, 65536):
                output += part
        except OSError:  # how Linux tells that the other side is closed
            pass
        os.close(ours)
    assert process.returncode == 0, output
    return output.decode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_without_our_letters_gets_ascii(encoding: str) -> None:
    done = python(SHOW.format(json=False), PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    output = done.stdout.decode(encoding)
    name = "Muller" if encoding == "ascii" else "Müller"
    assert f"{name} -> ?" in output
    assert "|" not in output


def test_the_c_locale_gets_ascii() -> None:
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = python(SHOW.format(json=False), **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_json_for_such_a_stream_is_still_the_same_value() -> None:
    done = python(SHOW.format(json=True), PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert json.loads(done.stdout) == {"name": "Müller → 中"}


@pytest.mark.parametrize(("text", "ascii_text"), [("1 → 2 …", "1 -> 2 ..."), ("Ünal", "Unal")])
def test_likenesses(text: str, ascii_text: str) -> None:
    assert in_ascii(text) == ascii_text


def test_a_terminal_has_colours_and_bars() -> None:
    assert "\x1b[" in on_terminal(BAR.format(no_color=False))


@pytest.mark.parametrize(
    ("option", "environment"),
    [(True, {}), (False, {"NO_COLOR": "1"}), (False, {"TERM": "dumb"})],
    ids=["--no-color", "NO_COLOR", "TERM=dumb"],
)
def test_without_colour_there_is_no_escape_sequence_at_all(
    option: bool, environment: dict[str, str]
) -> None:
    output = on_terminal(BAR.format(no_color=option), **environment)
    assert "\x1b" not in output
    assert "extract ..." in output
    assert "done" in output


@pytest.mark.parametrize(
    ("words", "output"),
    [(("status",), ""), (("rejects", "--json"), "Error: There is no warehouse")],
)
def test_a_reader_who_leaves_is_no_traceback(
    project: Path, words: tuple[str, ...], output: str
) -> None:
    """`p2c status | head -0`: the pipe is closed before anything is written, or a failure told."""
    ours, theirs = os.pipe()
    os.close(ours)
    command = (sys.executable, "-m", "p2c", *words)
    done = subprocess.run(
        command, cwd=project, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(theirs)
    assert done.stderr.startswith(output)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert bool(done.stderr) == bool(output)
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's own")
def test_a_full_disk_under_stdout_is_said(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            STATUS, cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "cannot be written to stdout: " in done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
