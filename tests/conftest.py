"""Sandboxes for tests: on free ports, in folders of their own, gone when the tests are."""

import os
import random
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from p2c_sandbox import process
from p2c_sandbox.process import Running
from p2c_sandbox.services import Filling, fill
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

IDLE_SECONDS = 300


def other_switches() -> dict[str, str]:
    """SANDBOX_SWITCHES="sales.extra_decimals=refuse …": other answers to the open questions."""
    value = os.environ.get("SANDBOX_SWITCHES", "").split()
    return dict(item.split("=", 1) for item in value)


# Files of whole runs, the longest first: two processes that begin with them end at one time.
LONGEST = (
    "tests/loop", "tests/sandbox/story", "tests/northwind", "tests/faults/test_whole",
    "tests/install",
)  # fmt: skip


# Folders whose files share one synced warehouse, but for those that have a sandbox of their own, or
# one installed environment.
WORLDS = ("tests/loop/", "tests/northwind/", "tests/install/")
OWN_WORLD = ("test_order_edits.py", "test_numbering.py", "test_killed_then_edited.py")
# Worlds that take half a minute each: one of them, by chance, is the sample of `make test`.
BY_TURNS = (
    "tests/sandbox/story/test_story.py::test_the_beginning", "tests/northwind/",
    "tests/match/test_labelled_set.py", "tests/dbt_macros/test_new_flow.py",
)  # fmt: skip
TOO_LONG = "takes half a minute or more: make test-full, make test-faults"


class Together(LoadScopeScheduling):
    """A file's tests stay in one process, and so do the files that share a world."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path.endswith(OWN_WORLD):
            return path
        return next((folder for folder in WORLDS if path.startswith(folder)), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """`pytest -n 2 --dist loadscope` asks for it."""
    return Together(config, log)


def pytest_configure() -> None:
    """Ctrl-C ends processes that tests start, also where nohup or a script's `&` had it ignored.

    All processes of a session take the same sample; P2C_SAMPLE=… repeats it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("P2C_SAMPLE", str(random.randrange(10**6)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; otherwise as collected. Long stories run with P2C_LONG only."""
    items.sort(key=lambda item: _place(item.nodeid))
    if not os.environ.get("P2C_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason=TOO_LONG))
        _sample(items)


def _sample(items: list[pytest.Item]) -> None:
    """Leave out what is not in the sample: cases of a test, and whole worlds."""
    cases, seed = defaultdict(list), os.environ["P2C_SAMPLE"]
    left_out = tuple(random.Random(seed).sample(BY_TURNS, len(BY_TURNS) - 1))
    not_now = pytest.mark.skip(reason=f"not in P2C_SAMPLE={seed}: make test-full runs all of it")
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            cases[item.nodeid.partition("[")[0], mark.args[0]].append(item)
        if item.nodeid.startswith(left_out):
            item.add_marker(not_now)
    for (name, count), every in cases.items():
        chosen = random.Random(f"{seed} {name}").sample(every, min(count, len(every)))
        for item in every:
            if item not in chosen:
                item.add_marker(not_now)


def _place(nodeid: str) -> int:
    return next((at for at, name in enumerate(LONGEST) if nodeid.startswith(name)), len(LONGEST))


class Sandboxes:
    """Starts sandboxes; each kind of data is made once a session and then copied."""

    def __init__(self, data: "Data", make_folder: Callable[[], Path]) -> None:
        self.data = data
        self.make_folder = make_folder
        self.running: list[Running] = []

    def start(self, demo: str, **options) -> Running:
        """A fresh sandbox; `options` are those of `p2c_sandbox.process.start`."""
        folder = self.make_folder()
        if "accounts" not in options and "products" not in options:
            process.copy_data(self.data.of(demo), folder)
        options["switches"] = other_switches() | options.get("switches", {})
        found = process.start(
            folder, demo=demo, parent=os.getpid(), idle_timeout=IDLE_SECONDS, **options
        )
        self.running.append(found)
        return found

    def stop_all(self) -> None:
        for one in self.running:
            one.stop()


class Data:
    """Databases of the two profiles, filled at first use."""

    def __init__(self, make_folder: Callable[[], Path]) -> None:
        self.make_folder = make_folder
        self.folders: dict[str, Path] = {}

    def of(self, demo: str) -> Path:
        if demo not in self.folders:
            folder = self.make_folder()
            fill(folder, Filling(demo))
            self.folders[demo] = folder
        return self.folders[demo]


@pytest.fixture(scope="session")
def sandbox_data(tmp_path_factory) -> Data:
    return Data(lambda: tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def sandboxes(sandbox_data, tmp_path_factory) -> Iterator[Sandboxes]:
    """`sandboxes.start("demo")`: a sandbox that ends with the module's tests."""
    created = Sandboxes(sandbox_data, lambda: tmp_path_factory.mktemp("sandbox"))
    yield created
    created.stop_all()


@pytest.fixture(scope="module")
def sandbox_base(sandboxes) -> Callable[..., Running]:
    """Factory of sandboxes that hold the setup only."""
    return lambda **options: sandboxes.start("base", **options)


@pytest.fixture(scope="module")
def sandbox_demo(sandboxes) -> Callable[..., Running]:
    """Factory of sandboxes with the demo data."""
    return lambda **options: sandboxes.start("demo", **options)
