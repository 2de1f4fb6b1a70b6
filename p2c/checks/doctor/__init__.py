"""The checks of `p2c doctor`: each says ok, note or problem, what was found and what to do.

One module a subject; `examine` has their order. Pages: docs/doctor.md.
"""

from p2c.checks.doctor.check import Check, Probe, Refused, System
from p2c.checks.doctor.examine import examine

__all__ = ["Check", "Probe", "Refused", "System", "examine"]
