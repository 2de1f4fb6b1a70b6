"""`python -m p2c`, which is also the command `p2c`."""

from __future__ import annotations

import os
import signal
import sys

from p2c.cli import INTERRUPTED, main


class _NoPandas:
    """Nothing here uses pandas, but pyarrow imports it with its first array if it is installed.

    That is a second of every command; so it is not found.
    """

    def find_spec(self, name: str, *_: object) -> None:
        """Part of the import system."""
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r} in p2c", name=name)


def run() -> None:
    """The command line in a process of its own; SIGTERM ends it as Ctrl-C does.

    Threads that still read when it is interrupted are not waited for: they only hold what a later
    read brings again.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.meta_path.insert(0, _NoPandas())
    os.umask(0o077)  # whatever is written holds customers' data: warehouse, logs, state, results
    try:
        main()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            os._exit(INTERRUPTED)
        raise


if __name__ == "__main__":
    run()
