"""`p2c plan --compare`: the revision, the copy, and what stops it. Builds are tests/loop's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from p2c.commands import plan_compare
from p2c.config.context import load
from p2c.errors import BuildError, P2CError
from p2c.lock import hold
from p2c.run import dbt
from p2c.run.compare import builds, copies
from p2c.run.compare.revision import copy_mapping, resolve, unpack
from p2c.screen.output import Output
from tests.p2c.cli_world import Call, World
from tests.p2c.comparison_world import ABOUT

MODEL = "models/changes/a.sql"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path, **files: str) -> str:
    """Write the files (`a__b` is a/b), commit everything, and give its id."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(project: Path) -> Path:
    """The project as a repository of two commits; the first one has the tag `first`."""
    (project / ".gitignore").write_text("*.duckdb\n*.lock*\n.p2c/\n")
    git(project, "init", "-q", "-b", "main")
    commit(project, models__changes__a_sql="select 1")
    git(project, "tag", "first")
    commit(project, models__changes__a_sql="select 2", seeds__s_csv="a\n1\n")
    return project


@pytest.fixture
def staged(repository: Path) -> Path:
    """With a warehouse that has something staged."""
    with duckdb.connect(str(repository / "warehouse.duckdb")) as db:
        db.execute("create schema raw_sales; create table raw_sales.reads as select 1 as rows")
    return repository


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, git's own and locks aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts and not path.name.endswith(".lock")
    }


def test_a_revision_is_unpacked_as_it_was_and_the_tree_as_it_is(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old, new = (tmp_path_factory.mktemp(name) for name in ("old", "new"))
    (repository / "models/changes/a_sql").write_text("select 3, unsaved")
    (repository / "models/untracked.sql").write_text("select 4")
    before = files(repository)
    revision = resolve(repository, "first")
    unpack(repository, revision, old)
    copy_mapping(repository, new)
    assert (old / "models/changes/a_sql").read_text() == "select 1"
    assert not (old / "seeds").exists()
    assert (new / "models/changes/a_sql").read_text() == "select 3, unsaved"
    assert (new / "models/untracked.sql").is_file()
    assert not (new / ".dlt").exists()  # secrets are no part of the mapping
    assert revision.name == f"first ({git(repository, 'rev-parse', 'first')[:10]})"
    assert files(repository) == before
    assert git(repository, "worktree", "list").count("\n") == 0


def test_a_project_in_a_subfolder_of_a_repository(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(project, root / "erp/project", ignore=shutil.ignore_patterns("repository"))
    git(root, "init", "-q")
    commit(root, other__file="x", erp__project__models__m_sql="select 1")
    git(root, "rm", "-rq", "erp/project")
    commit(root, erp__project__dbt_project_yml="not yet")
    with pytest.raises(P2CError, match=r"has no erp/project/dbt_project\.yml"):
        resolve(root / "erp/project", "HEAD")
    unpack(root / "erp/project", resolve(root / "erp/project", "HEAD~1"), tmp_path / "out")
    assert (tmp_path / "out/models/m_sql").read_text() == "select 1"
    assert not (tmp_path / "out/other").exists()


@pytest.mark.parametrize("ref", ["nowhere", "", "--output=x", "first:models", "main..first"])
def test_what_is_no_revision(repository: Path, ref: str) -> None:
    with pytest.raises(P2CError, match=r"has no revision .*fetch the other one first"):
        resolve(repository, ref)
    assert not list(repository.glob("*x*"))


def test_no_repository_and_no_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    with pytest.raises(P2CError, match=r"is in no git repository.*git init"):
        resolve(project, "main")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(P2CError, match="git is not found"):
        resolve(project, "main")


def test_the_copy_holds_the_warehouse_only_while_it_is_made(
    staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, target = load(staged), staged / "copy.duckdb"
    with hold(context.warehouse, "run"), pytest.raises(P2CError, match="held by process"):
        copies.copy_warehouse(context, target)
    copies.copy_warehouse(context, target)
    with hold(context.warehouse, "run"), duckdb.connect(str(context.warehouse)) as db:
        db.execute("create table more as select 1")
    with duckdb.connect(str(target), read_only=True) as db:
        assert db.execute("select count(*) from raw_sales.reads").fetchall() == [(1,)]


def test_what_a_killed_process_left_beside_the_warehouse_is_copied_with_it(staged: Path) -> None:
    context = load(staged)
    with duckdb.connect(str(context.warehouse)) as db:
        db.execute("pragma disable_checkpoint_on_shutdown")
        db.execute("create table more as select 7 as seven")
    assert context.warehouse.with_name("warehouse.duckdb.wal").stat().st_size
    old, new = staged / "old.duckdb", staged / "new.duckdb"
    copies.copy_warehouse(context, old)
    copies.copy_files(old, new)
    for copy in (old, new):
        with duckdb.connect(str(copy), read_only=True) as db:
            assert db.execute("select seven from more").fetchall() == [(7,)]


def test_a_warehouse_that_is_not_there_empty_or_behind(staged: Path, tmp_path: Path) -> None:
    context = load(staged)
    with duckdb.connect(str(context.warehouse)) as db:
        db.execute("create schema ledger; create table ledger.marks as select 'behind' as name")
    with pytest.raises(P2CError, match=r"does not know yet all that was written.*p2c build"):
        copies.copy_warehouse(context, tmp_path / "copy")
    context.warehouse.unlink()
    with pytest.raises(P2CError, match=r"There is no warehouse .*p2c extract"):
        copies.copy_warehouse(context, tmp_path / "copy")
    duckdb.connect(str(context.warehouse)).close()
    with pytest.raises(P2CError, match=r"Nothing was read into .*p2c extract"):
        copies.copy_warehouse(context, tmp_path / "copy")


def test_too_little_room_is_said_before_anything_is_copied(
    staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(total=10**9, used=10**9, free=2_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with duckdb.connect(str(staged / "warehouse.duckdb")) as db:
        db.execute("create table big as select hash(n) as h from range(100000) t(n)")
    with pytest.raises(P2CError, match=r"2 MB are free there\. Make room"):
        copies.copy_warehouse(load(staged), staged / "copy")
    assert not (staged / "copy").exists()


def test_the_folder_goes_and_what_a_killed_comparison_left_too(project: Path) -> None:
    left = project / ".p2c/compare/old"
    left.mkdir(parents=True)
    (left / "warehouse.duckdb").write_text("left")

    def interrupted() -> None:
        with copies.workspace(load(project)) as folder:
            assert list(folder.iterdir()) == []
            (folder / "x").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not (project / ".p2c/compare").exists()


def test_one_comparison_at_a_time(project: Path) -> None:
    (project / ".p2c").mkdir()
    with FileLock(project / ".p2c/compare.lock"):  # noqa: SIM117 - the second one is refused
        with pytest.raises(P2CError, match="Another comparison"), copies.workspace(load(project)):
            pass


def test_the_version_that_does_not_build_is_named_with_what_dbt_said(
    staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(version: Any, *_: object) -> None:
        text = (version.project_dir / "models/changes/a_sql").read_text()
        raise BuildError(f"dbt: 1 node failed: model.a: no column {text}. The full log is /gone.")

    monkeypatch.setattr(dbt, "build", fails)
    before = files(staged)
    with pytest.raises(BuildError) as stopped, builds.built(load(staged), Output(), "first"):
        pass
    short = git(staged, "rev-parse", "first")[:10]
    assert str(stopped.value) == (
        f"The mapping of first ({short}) does not build. "
        "dbt: 1 node failed: model.a: no column select 1."
    )
    assert files(staged) == before


def test_the_same_mapping_is_told_without_a_build_or_a_warehouse(
    repository: Path, p2c: Call, world: World
) -> None:
    result = p2c("plan", "--compare", "HEAD", "--detailed-exitcode", "--json")
    assert (result.code, result.data["same_mapping"], result.data["flows"]) == (0, True, [])
    assert world.asked == []
    shown = p2c("plan", "--compare", "main").out.splitlines()
    assert shown[-1].startswith("No difference: main (")


def a_comparison(monkeypatch: pytest.MonkeyPatch, **found: Any) -> None:
    """What the two builds would say."""
    nothing = {"flows": [], "columns": [], "changes": []}

    @contextmanager
    def fake(*_: object) -> Iterator[None]:
        yield None

    monkeypatch.setattr(builds, "built", fake)
    monkeypatch.setattr(plan_compare, "compared", lambda *_: {**ABOUT, **nothing, **found})


FLOW = {"flow": "accounts", "target": "finops.CustomersV2", "old": 3, "new": 4, "only_old": 0,
        "only_new": 1, "different": 0, "old_fates": {"rejected": 2},
        "new_fates": {"rejected": 1}}  # fmt: skip


def test_exit_codes(p2c: Call, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_comparison(monkeypatch, flows=[FLOW])
    assert p2c("plan", "--compare", "main").code == 0
    result = p2c("plan", "--compare", "main", "--detailed-exitcode")
    assert (result.code, result.err) == (2, "")
    assert "accounts, finops.CustomersV2: rejected 2 -> 1" in result.out.splitlines()
    held = {"old": {"accounts": ["Known."]}, "new": {"accounts": ["Known."], "products": ["No."]}}
    a_comparison(monkeypatch, flows=[FLOW], held_back=held)
    result = p2c("plan", "--compare", "main")
    assert (result.code, result.err.splitlines()[0]) == (1, "Held back: products. No.")


def test_a_comparison_is_of_whole_plans(p2c: Call, world: World) -> None:
    result = p2c("plan", "--compare", "main", "--first", "3")
    assert (result.code, "whole plans" in result.err) == (2, True)
