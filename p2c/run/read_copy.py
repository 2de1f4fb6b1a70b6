"""A copy of what people read, for BI: a second DuckDB file that is swapped in when it is complete.

Readers of the copy hold nobody up, and a run does not hold them up (docs/read-copy.md, 0046). What
is copied follows from dbt's graph and from the ledger's declarations; views become tables, so that
the copy needs nothing beside it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders import published_models
from loaders.ledger.schema import TABLES
from p2c import __version__
from p2c.config.context import Context
from p2c.errors import NothingStaged, ReadCopyError
from p2c.warehouse import Reader, reading
from pipelines.common.durable import put_in_place
from pipelines.common.memory import limited
from pipelines.common.private import owner_only

Relation = tuple[str, str]
SOURCE, UNFINISHED = "p2c_source", ".unfinished"
MODES = {"owner": 0o600, "group": 0o640, "everyone": 0o644}
THERE = "select table_schema, table_name from information_schema.tables order by all"
BUILT = "select value, noted_at from ledger.marks where name = 'built'"
# Of the ledger what a run that finds nothing leaves as it is.
LEDGER = (
    "select table_name, touched from ledger.published "
    "where table_name in ('plans', 'writes', 'links') order by all"
)
NOTE = """
create schema if not exists p2c;
create table p2c.published (
    published_at timestamptz, built_at timestamptz, tables integer, made_of varchar);
"""
NOT_BUILT = "{warehouse} has no complete build to publish: run `p2c run` or `p2c build` first."
NOT_OURS = (
    "{path} is no copy that p2c published: it is left as it is. Move it away, or give "
    "the setting p2c.read_copy another name."
)
NOT_READABLE = (
    "The read copy {path} cannot be looked at, and stays as it is: {cause} A program that has it "
    "open for writing closes it, or opens it read-only; another file is moved away."
)
FAILED = "The read copy {path} was not written, and stays as it was: {cause}"
OPEN = (
    "The read copy {path} was not replaced, because a program has it open, which "
    "Windows does not allow; it stays as of {as_of}. The next run tries again."
)


@dataclass(frozen=True)
class Copied:
    """What became of the copy: `published`, or `unchanged` where it held all of this already.

    as_of: when the build began that it shows.
    """

    status: str
    path: Path
    as_of: datetime
    tables: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class _Content:
    """What a copy would hold, and in `made_of` what it would be made of."""

    relations: Sequence[Relation]
    as_of: datetime
    made_of: str


def publish_copy(context: Context, path: Path) -> Copied:
    """Bring the copy up to date, under the warehouse's lock.

    Raises ReadCopyError with the old copy as it was; NothingStaged, WarehouseBusy, ManifestError.
    """
    started, mode = time.monotonic(), context.settings.p2c.read_copy_readers
    if path == context.warehouse:
        raise ReadCopyError(f"{path} is the warehouse: give p2c.read_copy a name of its own.")
    _sweep(path)
    content = _content(context, mode)
    before = _known(path)
    if before and before[0] == content.made_of:
        status = "unchanged"
    else:
        _replace(context, path, content, mode, before[1] if before else None)
        status = "published"
    seconds, size = round(time.monotonic() - started, 1), path.stat().st_size
    return Copied(status, path, content.as_of, len(content.relations), size, seconds)


def _content(context: Context, mode: str) -> _Content:
    wanted = set(published_models(context.path("target_dir") / "manifest.json"))
    wanted |= {("ledger", table) for table in TABLES}
    with reading(context.warehouse) as warehouse:
        built = _built(warehouse, context.warehouse)
        there = [(row["table_schema"], row["table_name"]) for row in warehouse.rows(THERE)]
        ledger = [list(row.values()) for row in warehouse.rows(LEDGER)]
    relations = [one for one in there if one in wanted or _tells_of_reads(one)]
    made_of = json.dumps([__version__, *built[1:], str(built[0]), ledger, relations, mode])
    return _Content(relations, built[0], made_of)


def _tells_of_reads(relation: Relation) -> bool:
    schema, name = relation
    return name == "reads" and schema.startswith("raw_")


def _built(warehouse: Reader, path: Path) -> tuple[datetime, str]:
    rows = warehouse.rows(BUILT) if "marks" in warehouse.tables("ledger") else []
    if not rows:
        raise NothingStaged(NOT_BUILT.format(warehouse=path))
    return rows[0]["noted_at"].astimezone(UTC), rows[0]["value"]


def _known(path: Path) -> tuple[str, datetime] | None:
    """What the copy that is there was made of, and when its build began; None: there is none."""
    if not path.exists():
        return None
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            row = connection.execute("select made_of, built_at from p2c.published").fetchone()
    except duckdb.CatalogException:
        raise ReadCopyError(NOT_OURS.format(path=path)) from None
    except duckdb.Error as error:
        raise ReadCopyError(NOT_READABLE.format(path=path, cause=_cause(error))) from None
    return (str(row[0]), row[1].astimezone(UTC)) if row else ("", datetime.min)


def _replace(
    context: Context, path: Path, content: _Content, mode: str, before: datetime | None
) -> None:
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with owner_only() if mode == "owner" else nullcontext():
            path.parent.mkdir(parents=True, exist_ok=True)
        with owner_only():
            _write(unfinished, context.warehouse, content)
        unfinished.chmod(MODES[mode])
        # Of a program that had the old file open for writing: it speaks of blocks that are gone.
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        put_in_place(unfinished, path)
    except PermissionError as error:
        if before is None or not path.exists() or error.filename2 is None:
            raise ReadCopyError(FAILED.format(path=path, cause=_cause(error))) from error
        raise ReadCopyError(OPEN.format(path=path, as_of=before)) from error
    except (duckdb.Error, OSError) as error:
        raise ReadCopyError(FAILED.format(path=path, cause=_cause(error))) from error
    finally:
        _sweep(path)


def _write(unfinished: Path, warehouse: Path, content: _Content) -> None:
    with closing(limited(duckdb.connect(str(unfinished)))) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        source = str(warehouse).replace("'", "''")
        connection.execute(f"attach '{source}' as {SOURCE} (read_only)")
        for schema, name in content.relations:
            relation = f'"{schema}"."{name}"'
            connection.execute(f'create schema if not exists "{schema}"')
            connection.execute(f"create table {relation} as from {SOURCE}.{relation}")
        connection.execute(NOTE)
        connection.execute(
            "insert into p2c.published values (?, ?, ?, ?)",
            [datetime.now(UTC), content.as_of, len(content.relations), content.made_of],
        )
        connection.execute("checkpoint")


def _sweep(path: Path) -> None:
    """What a copy leaves that came to no end, or was killed; DuckDB's own files beside it too."""
    unfinished = path.with_name(path.name + UNFINISHED)
    for left in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
        with suppress(OSError):
            left.unlink(missing_ok=True)
    shutil.rmtree(unfinished.with_name(f"{unfinished.name}.tmp"), ignore_errors=True)


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}. See to its folder, then `p2c publish`."
    first = str(error).strip().splitlines()[0]
    return f"{first} See that the disk has room, then `p2c publish`."
