"""dbt's own command line, as `p2c build` starts it in a process of its own.

dbt makes millions of objects that it keeps to its end. Python's collector would look through them
again and again, for a tenth of a build's time, and find nothing to free.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # before the import, which makes the first of them
    from dbt.cli.main import cli

    cli()
