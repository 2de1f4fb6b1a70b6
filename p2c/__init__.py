"""The command line of Prospect to cash: settings, the order of the steps, what a person reads.

Importing it makes `loaders` and `pipelines` importable, ours before any others of those names:
a wheel carries them inside this package, a checkout has them beside it (decision 0025).
"""

import sys
from importlib.metadata import PackageNotFoundError, version

from p2c.template import CODE

sys.path.insert(0, str(CODE))

try:
    __version__ = version("prospect-to-cash")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
