"""dlt pipelines, one for each system: reading into load packages, then writing those."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dlt
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from .dlt_config import apply_defaults
from .errors import ExtractError, LoadFailed
from .rows import SETTINGS

DATASET = "raw_{system}"


def open_pipeline(system: str, warehouse: Path, state_dir: Path) -> dlt.Pipeline:
    """The pipeline of a system; its state is kept under `state_dir`/dlt."""
    apply_defaults()
    return dlt.pipeline(
        pipeline_name=system,
        pipelines_dir=str(state_dir / "dlt"),
        destination=dlt.destinations.duckdb(
            DuckDbCredentials(str(warehouse), global_config=dict(SETTINGS))
        ),
        dataset_name=DATASET.format(system=system),
    )


def read(pipeline: dlt.Pipeline, source: DltSource) -> None:
    """Read a source into a load package on disk. Nothing is written to the warehouse."""
    with _plain_errors(pipeline, "reading"):
        pipeline.activate()
        pipeline.extract(source, loader_file_format="parquet")


def load(pipeline: dlt.Pipeline) -> None:
    """Write every package there is, and only then consider it done."""
    with _plain_errors(pipeline, "loading"):
        pipeline.activate()
        pipeline.normalize()
        pipeline.load(raise_on_failed_jobs=True)
    tidy(pipeline)


@contextmanager
def empty_folder(path: Path) -> Iterator[None]:
    """A folder for the length of the block; what a run left there that was killed is gone."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)


def tidy(pipeline: dlt.Pipeline) -> None:
    """Remove what dlt would keep for ever of each load: the package's own files, and the trace.

    `load.delete_completed_jobs` removes the rows alone. Nothing reads the rest: what was loaded is
    in the warehouse, and with it the id of its package.
    """
    folder = Path(pipeline.working_dir)
    for load_id in pipeline.list_completed_load_packages():
        shutil.rmtree(folder / "load" / "loaded" / load_id)
    (folder / "trace.pickle").unlink(missing_ok=True)


def finish_earlier(pipeline: dlt.Pipeline) -> str | None:
    """Deal with what a run left that stopped between reading and loading; a note if so.

    dlt would load it at the next run and then not read at all. What cannot be loaded
    is dropped together with dlt's state, so that everything is read again. So is what
    was being loaded: dlt copies a file it had copied already once more, and the merge would then
    insert rows twice.
    """
    name = pipeline.pipeline_name
    if not pipeline.has_pending_data:
        return None
    if _half_loaded(pipeline):
        pipeline.drop()
        return f"{name}: an earlier run stopped while loading; everything is read again"
    try:
        load(pipeline)
    except LoadFailed as error:
        pipeline.drop()
        return (
            f"{name}: what an earlier run had read could not be loaded ({error.reason}); "
            "everything is read again"
        )
    return f"{name}: what an earlier run had read was loaded first"


def _half_loaded(pipeline: dlt.Pipeline) -> bool:
    packages = map(pipeline.get_load_package_info, pipeline.list_normalized_load_packages())
    jobs = (item for package in packages for item in package.jobs.items())
    return any(state != "new_jobs" and found for state, found in jobs)


@contextmanager
def _plain_errors(pipeline: dlt.Pipeline, step: str) -> Iterator[None]:
    """Our own error out of dlt's wrapping, or LoadFailed with the innermost reason."""
    try:
        yield
    except PipelineStepFailed as failure:
        error: BaseException = failure
        while not isinstance(error, ExtractError) and (error.__cause__ or error.__context__):
            error = error.__cause__ or error.__context__  # type: ignore[assignment]
        if isinstance(error, ExtractError):
            raise error from None
        raise LoadFailed(pipeline.pipeline_name, step, _reason(error, pipeline)) from failure


def _reason(error: BaseException, pipeline: dlt.Pipeline) -> str:
    """The first line of an error; where the machine names no file, the folder it was about."""
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if isinstance(error, OSError) and error.errno and error.filename is None:
        return f"{error.strerror}: {pipeline.working_dir}"
    return first
