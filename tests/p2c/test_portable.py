"""What Windows lacks is not needed to import any module: nothing here can be run there, though."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipelines.common import private
from pipelines.common.private import open_to_others

# All modules are imported once, so that libraries have what they need on this machine; then once
# more without what Windows lacks.
IMPORT = """
import builtins, importlib, os, pkgutil, signal, sys, warnings

warnings.simplefilter("ignore")
OURS = ("p2c", "loaders", "pipelines")
MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"}
SIGNALS = {"SIGKILL", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE",
           "alarm", "pause", "setitimer", "pthread_sigmask", "sigwait"}
CALLS = {"fork", "setsid", "killpg", "getpgid", "getuid", "geteuid", "getgid", "chown", "mkfifo",
         "sysconf", "getloadavg", "sched_getaffinity", "wait4"}


def names():
    for package in map(importlib.import_module, OURS):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


everything = sorted(names())
for name in everything:
    importlib.import_module(name)
for name in everything:
    sys.modules.pop(name, None)
for module, hidden in ((signal, SIGNALS), (os, CALLS)):
    for name in hidden:
        if hasattr(module, name):
            delattr(module, name)
imported = builtins.__import__


def without(name, globals=None, *rest, **options):
    ours = str((globals or {}).get("__name__", "")).split(".")[0] in OURS
    if ours and name.split(".")[0] in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
    return imported(name, globals, *rest, **options)


builtins.__import__ = without
for name in everything:
    importlib.import_module(name)
print(len(everything))
for line in ("import fcntl", "signal.SIGKILL", "os.getuid()"):
    try:
        exec(line, {"__name__": "p2c.run.example", "signal": signal, "os": os})
    except (ImportError, AttributeError) as error:
        print(f"{line}: {type(error).__name__}")
"""


def test_every_module_can_be_imported_without_what_windows_lacks() -> None:
    """And a module that needed it would be found: three lines of such a one fail."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    modules, *refusals = done.stdout.splitlines()
    assert int(modules) > 100
    assert refusals == [
        "import fcntl: ModuleNotFoundError",
        "signal.SIGKILL: AttributeError",
        "os.getuid(): AttributeError",
    ]


def test_rights_of_others_are_not_judged_where_there_are_none(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows' own rights are lists that the mode of a file does not show: 0o666 is everybody's."""
    path = tmp_path_factory.mktemp("open") / "secrets.toml"
    path.write_text("")
    path.chmod(0o666)
    assert open_to_others(path)
    monkeypatch.setattr(private, "MODES", False)
    assert not open_to_others(path)
