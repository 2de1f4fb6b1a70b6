"""The pins install into an empty environment: hashed, disjoint, complete, extras included."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.install.environment import ROOT

PIN = re.compile(r"^([a-zA-Z0-9][\w.-]*)(?:\[([^\]]*)\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Each package that a file pins, with its extras."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = PIN.findall(text)
    return {
        canonicalize_name(package): set(extras.replace(" ", "").split(",")) - {""}
        for package, extras, _ in found
    }


RUNTIME, DEVELOPMENT = pins("requirements.txt"), pins("requirements-dev.txt")


def asked_for() -> list[Requirement]:
    """What pyproject.toml and the sandbox ask for, and in turn what the pinned packages do."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    direct = [*project["dependencies"], *extras["dev"], *extras["azure"]]
    direct += (ROOT / "sandbox/requirements.in").read_text(encoding="utf-8").split()
    waiting, seen = [Requirement(line) for line in direct], []
    known: set[str] = set()
    while waiting:
        one = waiting.pop()
        seen.append(one)
        if str(one) not in known:
            known.add(str(one))
            waiting += needed_by(one)
    return seen


def needed_by(one: Requirement) -> list[Requirement]:
    """Its own requirements on this system, with its extras; none where it is not installed."""
    try:
        lines = requires(one.name) or []
    except PackageNotFoundError:
        return []
    found = [Requirement(line) for line in lines]
    environments = [{"extra": extra} for extra in ("", *one.extras)]
    return [
        each
        for each in found
        if not each.marker or any(each.marker.evaluate(environment) for environment in environments)
    ]


def test_everything_asked_for_is_pinned_with_its_extras() -> None:
    pinned = {**DEVELOPMENT, **RUNTIME}
    wanted = asked_for()
    assert len({canonicalize_name(one.name) for one in wanted}) > len(RUNTIME) // 2
    missing = [
        str(one)
        for one in wanted
        if not one.extras <= pinned.get(canonicalize_name(one.name), {"not pinned"})
        or canonicalize_name(one.name) not in pinned
    ]
    assert missing == []


def test_no_package_is_in_both_files() -> None:
    assert RUNTIME.keys() & DEVELOPMENT.keys() == set()


def test_every_pin_has_hashes_and_no_index_is_named() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        blocks = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)
        assert [
            block for block in blocks if PIN.match(block) and "--hash=sha256:" not in block
        ] == []
