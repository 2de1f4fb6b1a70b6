"""Builds both versions of the mapping, each in its own copy of the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from loaders import SyncGraph, read_targets
from p2c.checks import held_flows
from p2c.checks.seed_files import read_seeds
from p2c.config.context import Context
from p2c.errors import BuildError, SeedError
from p2c.run import dbt, mapping
from p2c.run.compare.copies import copy_files, copy_warehouse, workspace
from p2c.run.compare.revision import Revision, copy_mapping, resolve, unpack
from p2c.screen.output import Output

HERE = "the working tree"
WAREHOUSE = "warehouse.duckdb"


@dataclass(frozen=True)
class Version:
    """One version of the mapping: what it is called, where it was built, what it writes."""

    name: str
    context: Context
    graph: SyncGraph
    # Held flow → why, of all flows (p2c.checks.held_flows).
    held: dict[str, list[str]]


@dataclass(frozen=True)
class Versions:
    """The revision, and (old, new); no versions where the mapping is the same in both."""

    revision: Revision
    both: tuple[Version, Version] | None


@contextmanager
def built(context: Context, out: Output, ref: str) -> Iterator[Versions]:
    """The mapping of `ref` and of the working tree, built on what the warehouse has staged.

    Both are gone after the block; where they are the same files nothing is built. Raises P2CError
    where `ref` names nothing or there is no room, NothingStaged, WarehouseBusy, and BuildError or
    SeedError naming the version.
    """
    revision = resolve(context.project_dir, ref)
    with workspace(context) as folder:
        old, new = (_version(context, folder / name) for name in ("old", "new"))
        unpack(context.project_dir, revision, old.project_dir)
        copy_mapping(context.project_dir, new.project_dir)
        if mapping.fingerprint(old) == mapping.fingerprint(new):
            yield Versions(revision, None)
            return
        copy_warehouse(context, old.warehouse)
        copy_files(old.warehouse, new.warehouse)
        yield Versions(revision, (_build(old, out, revision.name), _build(new, out, HERE)))


def _version(context: Context, folder: Path) -> Context:
    """The project's settings, with folders of its own for all that a build reads and writes."""
    tree = folder / "project"
    tree.mkdir(parents=True)
    places = {
        "warehouse": folder / WAREHOUSE,
        "target_dir": folder / "target",
        "state_dir": folder / "state",
    }
    project = context.settings.p2c.model_copy(update=places)
    settings = context.settings.model_copy(update={"p2c": project})
    return replace(context, project_dir=tree, settings=settings)


def _build(version: Context, out: Output, name: str) -> Version:
    try:
        read_seeds(version.project_dir)
        with out.progress(f"build {name}") as callback:
            dbt.build(version, (), callback)
        graph = read_targets(version.path("target_dir") / "manifest.json")
        return Version(name, version, graph, held_flows.holds(version, graph.flows))
    except BuildError as error:
        raise BuildError(f"{_begin(name)} does not build. {_without_log(error)}") from None
    except SeedError as error:
        raise SeedError(f"{_begin(name)} does not build. {error}") from None


def _begin(name: str) -> str:
    return name[:1].upper() + name[1:] if name == HERE else f"The mapping of {name}"


def _without_log(error: BuildError) -> str:
    """What dbt said, without where its log is: that goes with the copies."""
    return str(error).partition(" The full log is ")[0]
