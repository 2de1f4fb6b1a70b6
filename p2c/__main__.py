"""`python -m p2c` is `p2c`."""

from p2c.cli import main

main()
