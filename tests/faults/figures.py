"""What the fault suite counts, for the page that it writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What is printed at the end and kept in docs/reliability.md."""

    cases: int = 0
    kills: int = 0
    runs: int = 0
    records: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    most_runs_after: int = 0
    asked: int = 0
    edited: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """The figures of another test process."""
        most = max(self.most_runs_after, other.most_runs_after)
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        self.most_runs_after = most

    def lines(self) -> list[tuple[str, str]]:
        """Names and numbers, in the order they are shown."""
        met = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.faults.items()))
        return [
            ("cases", f"{self.cases:,}"),
            ("of them with people's edits before the next run", f"{self.edited:,}"),
            ("runs killed with kill -9", f"{self.kills:,}"),
            ("runs that got SIGTERM, or SIGSTOP for a while", f"{self.asked:,}"),
            ("runs in all", f"{self.runs:,}"),
            ("faults met", f"{sum(self.faults.values()):,}: {met}"),
            ("records", f"{self.records:,}"),
            ("lost", f"{self.lost:,}"),
            ("doubled", f"{self.doubled:,}"),
            ("wrong values", f"{self.wrong:,}"),
            ("most runs to the fixed point once the faults ended", f"{self.most_runs_after}"),
        ]
