"""dbt's own command line, as `p2c build` starts it in a process of its own.

dbt makes millions of objects that it keeps to its end. Python's collector would look through them
again and again, for a tenth of a build's time, and find nothing to free.

The process ends with the one that started it, which holds the other end of its standard input: a
run that is killed must not leave a build behind that holds the warehouse.
"""

from __future__ import annotations

import gc
import os
import threading

ORPHANED = 3


def _end_with_parent() -> None:
    while os.read(0, 1024):  # nothing is ever written; at its end the parent is gone
        pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    gc.disable()  # before the import, which makes the first of them
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli

    cli()
