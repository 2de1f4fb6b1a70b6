"""What follows a run that has come to its end, as the settings want it."""

from __future__ import annotations

from loaders import LoaderError
from p2c.errors import P2CError, format_error
from p2c.run import retention
from p2c.run.current import Run
from p2c.run.read_copy import publish_copy


def after_run(run: Run) -> None:
    """Drop what is old, then publish the copy for readers.

    What both systems hold is written by now: a copy that cannot be made is a note and costs the run
    nothing. Its seconds are in the ledger at once, in the warehouse with the next run. Raises
    StorageError, WarehouseError of what is dropped.
    """
    retention.after_run(run)
    if run.context.settings.p2c.read_copy is None:
        return
    try:
        with run.stages.timed("copy"):
            publish_copy(run.context, run.context.path("read_copy"))
        run.ledger.note_stages(run.run_id, run.stages.seconds)
    except (P2CError, LoaderError) as error:
        run.out.note(f"Warning: {format_error(error)}")
