"""`p2c run --every`: again and again, whatever a run ends with, until somebody ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from p2c.cli import main
from p2c.run.every import repeat, seconds_of
from p2c.screen.output import LogOptions, Output

# Ends with the next of the codes each time it runs, and says so in a file.
STEP = """
import pathlib, sys
note, codes = pathlib.Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
done = len(note.read_text()) if note.exists() else 0
note.write_text("x" * (done + 1))
sys.exit(codes[done])
"""
# Ignores nothing: it is asked to end, says so, and ends.
LONG = """
import signal, sys, time
def ended(*_):
    print("finished", flush=True)
    sys.exit(130)
signal.signal(signal.SIGINT, ended)
print("began", flush=True)
signal.pause()
"""
REPEATED = """
import signal, sys
from p2c.run.every import repeat
from p2c.screen.output import Output
signal.signal(signal.SIGTERM, signal.default_int_handler)
repeat([sys.executable, "-c", sys.argv[1]], 3600, Output())
"""


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("30s", 30), ("5m", 300), (" 1h ", 3600)]
)
def test_an_interval_is_a_number_with_its_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["0", "0m", "-5m", "5 m", "1.5h", "5d", "", "m"])
def test_what_is_no_interval_is_refused_with_what_to_write(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", f"--every={text}"])
    assert "write 30s, 5m or 1h" in " ".join(capsys.readouterr().err.split())


def test_a_run_that_fails_does_not_end_it_and_one_called_wrongly_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "runs"
    command = [sys.executable, "-c", STEP, str(note), "1", "0", "130", "2"]
    assert repeat(command, 0, Output(log=LogOptions())) == 2
    assert note.read_text() == "x" * 4
    assert capsys.readouterr().err.splitlines() == [
        f"The run ended with {code}; the next one begins in 0 s." for code in (1, 130)
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to pass on")
def test_sigterm_lets_the_run_that_is_on_finish() -> None:
    words = [sys.executable, "-c", REPEATED, LONG]
    with subprocess.Popen(words, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "began\n"
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert output == "finished\n"
    assert "KeyboardInterrupt" in errors


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to pass on")
def test_the_command_goes_on_after_failed_runs_and_ends_as_interrupted(tmp_path: Path) -> None:
    """Outside of a project every run fails at once."""
    words = [sys.executable, "-m", "p2c", "--project-dir", str(tmp_path), "run", "--every", "1s"]
    with subprocess.Popen(words, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stderr is not None
        seen = [process.stderr.readline() for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert [line.startswith("Error: ") for line in seen] == [True, False, True, False]
    assert seen[1].startswith("The run ended with 1; the next one begins in ")
    assert process.returncode == 130
