"""The progress of an apply as one bar shows it."""

from __future__ import annotations

from collections.abc import Callable

from loaders import Progress


def summed(callback: Callable[[int, int, str], None], total: int) -> Callable[[Progress], None]:
    """Adds up the progress of the targets, which the loaders report one by one."""
    done: dict[tuple[str, str], int] = {}

    def show(progress: Progress) -> None:
        done[progress.flow, progress.target] = progress.done
        callback(sum(done.values()), total, f"{progress.flow} → {progress.target}")

    return show
