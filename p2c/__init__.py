"""The command line of Prospect to cash: settings, the order of the steps, what a person reads."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("prospect-to-cash")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
