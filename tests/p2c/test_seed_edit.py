"""The seed that `p2c keys` writes: what was there stays as it was."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from p2c.config.seed_edit import SeedEdit
from p2c.errors import SeedError

from .cli_world import Call
from .keys_world import HEADER

SEED = Path("seeds/key_overrides.csv")
OLD = "entity,sales_id,data_area_id,finops_key,reason\n"


HEAD = HEADER.encode()
QUOTED = b'customers,a-4,usmf,US-4,pair,"two\nlines, ""quoted"""'
WINDOWS = b"\xef\xbb\xbf" + HEAD.replace(b"\n", b"\r\n") + b'products,"p-9",, X ,,\r\n\r\n'


@pytest.mark.parametrize(
    ("before", "between", "end"),
    [
        (WINDOWS, b"", b"\r\n"),
        (HEAD + QUOTED, b"\n", b"\n"),
        (HEAD + b"customers,a-4,usmf,US-4,pair,\n", b"", b"\n"),
    ],
    ids=["bom crlf", "no last line end", "lf"],
)
def test_every_byte_stays(
    keys_project: Path, p2c: Call, before: bytes, between: bytes, end: bytes
) -> None:
    SEED.write_bytes(before)
    p2c("keys", "accept", "p-1", "100000")
    assert SEED.read_bytes().startswith(
        before + between + b"products,p-1,,100000,pair,close_name 75;"
    )
    added = SEED.read_bytes().removeprefix(before + between)
    assert re.fullmatch(rb"[^\r\n]* accepted on \d{4}-\d\d-\d\d" + end, added)


def test_an_older_file_gets_the_column(keys_project: Path, p2c: Call) -> None:
    SEED.write_text(OLD + "customers,a-4,usmf,US-4,\"why, 'so'\"\n\ncustomers,a-8,,US-8\n")
    assert p2c("keys", "reject", "p-1", "100000").code == 0
    lines = SEED.read_text().splitlines()
    assert lines[0] == HEADER.strip()
    assert lines[1] == "customers,a-4,usmf,US-4,,\"why, 'so'\""
    assert lines[2:4] == ["", "customers,a-8,,US-8,,"]
    assert lines[4].startswith("products,p-1,,100000,different,")


def test_columns_in_another_order(keys_project: Path, p2c: Call) -> None:
    SEED.write_text("decision,reason,finops_key,data_area_id,sales_id,entity\n")
    p2c("keys", "accept", "p-1", "100000", "--reason", "yes")
    assert SEED.read_text().splitlines()[1].startswith("pair,")
    assert SEED.read_text().endswith(",100000,,p-1,products\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1, lacks entity"),
        (HEAD.replace(b",", b";"), "line 1, is separated by semicolons"),
        (HEAD + b"customers,a-1,usmf,X,pair,\xfc\n", "line 2, is not UTF-8"),
        (HEAD + b'customers,"a-1,usmf,X,pair,\n', "cannot be read"),
        (b"entity,sales,data_area_id,finops_key,decision,reason\n", "has the column 'sales'"),
    ],
)
def test_a_seed_that_cannot_be_read_is_named_and_left_alone(
    keys_project: Path, p2c: Call, content: bytes, message: str
) -> None:
    SEED.write_bytes(content)
    for words in (("accept", "p-1", "100000"), ("list",), ("export", "a.csv")):
        result = p2c("keys", *words)
        assert (result.code, message in result.err) == (1, True), result.err
        assert "seeds/key_overrides.csv" in result.err
    SEED.unlink()
    assert "is not there: restore it from git" in p2c("keys", "accept", "p-1", "100000").err
    assert not SEED.exists()


def test_a_file_that_changed_meanwhile_is_not_written(keys_project: Path) -> None:
    edit = SeedEdit(SEED, HEADER.strip().split(","))
    theirs = HEADER + "customers,a-4,usmf,US-4,pair,typed meanwhile\n"
    SEED.write_text(theirs)
    with pytest.raises(SeedError, match="was changed by someone else meanwhile"):
        edit.write(set(), [{"entity": "products"}])
    assert SEED.read_text() == theirs


def test_a_write_that_fails_leaves_the_file_and_nothing_beside_it(
    keys_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    SEED.chmod(0o640)
    edit = SeedEdit(SEED, HEADER.strip().split(","))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            edit.write(set(), [{"entity": "products"}])
    assert SEED.read_text() == HEADER
    assert sorted(path.name for path in SEED.parent.iterdir()) == ["_seeds.yml", SEED.name]
    edit.write(set(), [{"entity": "products"}])
    assert stat.S_IMODE(SEED.stat().st_mode) == 0o640


def test_a_project_of_an_earlier_version_is_not_written_to(keys_project: Path, p2c: Call) -> None:
    """Its seed would lose the word, and `different` would be a pair."""
    declared = SEED.with_name("_seeds.yml")
    text = declared.read_text()
    column = re.search(r"      - name: decision\n.*\n.*\n", text)
    assert column
    declared.write_text(text.replace(column[0], ""))
    SEED.write_text(OLD)
    result = p2c("keys", "reject", "p-1", "100000")
    assert (result.code, "declares no column decision" in result.err) == (1, True)
    assert SEED.read_text() == OLD
