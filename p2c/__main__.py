"""`python -m p2c`, which is also the command `p2c`."""

from __future__ import annotations

import os
import signal

from p2c.cli import INTERRUPTED, main


def run() -> None:
    """The command line in a process of its own; SIGTERM ends it as Ctrl-C does.

    Threads that still read when it is interrupted are not waited for: they only hold what a later
    read brings again.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.umask(0o077)  # whatever is written holds customers' data: warehouse, logs, state, results
    try:
        main()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            os._exit(INTERRUPTED)
        raise


if __name__ == "__main__":
    run()
