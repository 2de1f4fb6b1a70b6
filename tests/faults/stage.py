"""One case after another on one sandbox: faults, kills, and what is left in the end."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.process import Running

from tests.faults.figures import Figures
from tests.faults.records import (
    NAMES,
    SETS,
    PlainApi,
    Wanted,
    account,
    customer,
    differs,
    held,
    make_world,
    save,
)
from tests.loop.world import FINOPS_PATH, SALES_PATH, Api, Row

NO_KILL = {"at": "nowhere"}
CLEAN_RUNS = 3


class Runner:
    """The process that forks runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.runner"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: dict[str, Any]) -> Row:
        """One run to its end, or to its death."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End of input ends it."""
        self._process.communicate(timeout=30)


@dataclass
class Stage:
    """A sandbox, its API past the loaders, and the runner."""

    sandbox: Running
    runner: Runner
    folder: Path
    figures: Figures
    apis: dict[str, Api] = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in()

    def sign_in(self) -> None:
        """New tokens: a fault may have ended the ones there were."""
        secret = (self.sandbox.client_id, self.sandbox.client_secret)
        self.apis = {
            "sales": PlainApi.connect(self.sandbox.sales, SALES_PATH, *secret),
            "finops": PlainApi.connect(self.sandbox.finops, FINOPS_PATH, *secret),
        }

    def case(self, name: str, *, packages: bool = False) -> Case:
        """A new case; its records have numbers of their own. New ones of F&O go in packages?"""
        folder = self.folder / name
        folder.mkdir()
        self.figures.cases += 1
        return Case(self, f"F{self.figures.cases:04}-", folder, packages=packages)


class Case:
    """Records wanted, runs towards them, and the check at the end."""

    def __init__(self, stage: Stage, prefix: str, folder: Path, *, packages: bool = False) -> None:
        self.packages = packages
        self.stage, self.prefix, self.folder = stage, prefix, folder
        self.world = make_world(folder)
        self.wanted: list[Wanted] = []

    def want(self, sales: int, finops: int, there: int = 0, bad: int = 0) -> None:
        """So many records of each system; the first `there` exist already with another name."""
        for make, count in ((account, sales), (customer, finops)):
            created = [
                make(f"{self.prefix}{place:03}", place, f"N{place}") for place in range(count)
            ]
            for wanted in created[:there]:
                self._put(wanted)
            for wanted in created[there : there + bad]:
                spoil(wanted)
            self.wanted += created
        save(self.wanted, self.folder)

    def _put(self, wanted: Wanted) -> None:
        values = {**wanted.key, **wanted.values, NAMES[wanted.system]: "Before"}
        self.stage.apis[wanted.system].create(SETS[wanted.system], values)

    def rename(self, wanted: Wanted, name: str) -> None:
        """The source changes."""
        wanted.values[NAMES[wanted.system]] = name
        save(self.wanted, self.folder)

    def meddle(self, wanted: Wanted, name: str) -> None:
        """Somebody changes a record in its system, if it is there; the faults end for that."""
        self.faults()
        self.stage.sign_in()
        api = self.stage.apis[wanted.system]
        if held(self.stage.apis, wanted.number):
            key = ",".join(f"{n}='{v}'" for n, v in wanted.key.items())
            record = wanted.key.get("accountid") or key
            with suppress(httpx.HTTPStatusError):  # in the other system only
                api.update(f"{SETS[wanted.system]}({record})", {NAMES[wanted.system]: name})

    def run(self, kill: Row | None = None, command: str = "run") -> Row:
        """One run under the faults that are set now."""
        sandbox = self.stage.sandbox
        secret = (sandbox.client_id, sandbox.client_secret)
        job = {
            "folder": str(self.folder),
            "prefix": self.prefix,
            "kill": kill or NO_KILL,
            "command": command,
            "packages": self.packages,
            "services": {
                "sales": (sandbox.sales.url, sandbox.sales.token_url, *secret),
                "finops": (sandbox.finops.url, sandbox.finops.token_url, *secret),
            },
            "paths": (SALES_PATH, FINOPS_PATH),
        }
        answer = self.stage.runner.run(job)
        figures = self.stage.figures
        figures.runs += 1
        figures.kills += bool(answer.get("died"))
        return answer

    def faults(self, *faults: Fault) -> None:
        """Replace the faults, counting what the former ones did."""
        self.count_faults()
        self.stage.sandbox.faults.set(*faults)
        self._set = faults

    _set: tuple[Fault, ...] = ()

    def count_faults(self) -> None:
        """Add what struck to the figures."""
        for fault, struck in zip(self._set, self.stage.sandbox.faults.struck(), strict=False):
            self.stage.figures.faults[fault.kind] += struck
        self._set = ()

    def end(self) -> None:
        """Faults over: a bounded number of runs reaches the fixed point, and all is right."""
        self.faults()
        self.stage.sign_in()
        figures = self.stage.figures
        figures.most_runs_after = max(figures.most_runs_after, self._settle_down())
        self.check()

    def _settle_down(self) -> int:
        """Runs until one finds nothing to write; how many that took."""
        bad = sum(wanted.bad for wanted in self.wanted)
        for number in range(1, CLEAN_RUNS + 1):
            answer = self.run()
            assert answer["status"] in ("ok", "partial"), answer
            if answer["quarantined"] > bad:
                answer = self.run(command="retry")
            if (
                not answer["written"]
                and answer["failed"] + answer["blocked"] + answer["quarantined"] <= bad
            ):
                return number
        raise AssertionError(f"no fixed point after {CLEAN_RUNS} runs: {answer}")

    def check(self) -> None:
        """Each record exactly once with the right values; what is not there is in the ledger."""
        figures, rows = self.stage.figures, held(self.stage.apis, self.prefix)
        problems = Counter[str]()
        for wanted in self.wanted:
            there = rows.get((wanted.system, wanted.number), [])
            figures.records += 1
            if wanted.bad:
                problems["lost"] += not self._is_listed(wanted)
            else:
                problems["lost"] += not there
                problems["doubled"] += max(0, len(there) - 1)
                problems["wrong"] += any(differs(wanted, row) for row in there)
        problems["doubled"] += self._written_twice()
        problems["lost"] += self._unanswered()
        for kind, count in problems.items():
            setattr(figures, kind, getattr(figures, kind) + count)
        assert not +problems, (self.prefix, +problems)

    def ledger(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the ledger's file."""
        with closing(sqlite3.connect(self.world.state_dir / "ledger.sqlite")) as ledger:
            return ledger.execute(sql, values).fetchall()

    def _is_listed(self, wanted: Wanted) -> bool:
        """Refused, with the service's own words."""
        found = self.ledger(
            "select 1 from writes where record_key = ? and system = ? and error_message <> '' "
            "and status in ('rejected', 'quarantined')",
            wanted.record_key,
            wanted.system,
        )
        return bool(found)

    def _written_twice(self) -> int:
        """Creates that the ledger believes to have come through more than once."""
        [(count,)] = self.ledger(
            "select count(*) from (select 1 from writes where operation = 'create' "
            "and status in ('acknowledged', 'verified') group by model, record_key "
            "having count(*) > 1)"
        )
        return int(count)

    def _unanswered(self) -> int:
        """Rows of which nobody knows what became."""
        [(count,)] = self.ledger(
            "select count(*) from writes where status in ('sent', 'unresolved')"
        )
        return int(count)


def spoil(wanted: Wanted) -> None:
    """Values that the service refuses whatever happens."""
    wanted.bad = True
    if wanted.system == "sales":
        wanted.values["name"] = "x" * 200
    else:
        wanted.values["CustomerGroupId"] = "nope"
