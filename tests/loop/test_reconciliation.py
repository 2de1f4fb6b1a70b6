"""How the records of the demo stand in both systems, against what both services say themselves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.parsed import environment, parsed

from .conftest import Synced
from .test_dbt_commands import DBT
from .world import PROJECT

KEPT = """
select {what}, cast(sum({count}) as integer) from ledger.reconciliation
where run_id = '{run}' and target = '{target}' and {count} > 0 group by 1
"""


def kept(synced: Synced, run: str, target: str, what: str, count: str) -> dict[str, int]:
    """Counts that the ledger keeps of a run, by `what`."""
    sql = KEPT.format(run=run, target=target, what=what, count=count)
    return dict(synced.world.query(sql))


def test_a_run_keeps_as_many_records_as_each_service_held_when_it_began(synced: Synced) -> None:
    first, second = (run.json["run_id"] for run in (synced.first, synced.second))
    for run, held in ((first, synced.before), (second, synced.after)):
        companies = Counter(company for company, _ in held.customers)
        customers = kept(synced, run, "finops.CustomersV2", "data_area_id", "target_records")
        assert customers == companies
        for target, rows in (("products", held.products), ("productpricelevels", held.items)):
            found = kept(synced, run, f"sales.{target}", "'all'", "target_records")
            assert found == {"all": len(rows)}
        released = {row["ProductNumber"] for row in held.released}
        sources = kept(synced, run, "sales.products", "'all'", "source_records")
        assert sources == {"all": len(released)}


def test_what_the_first_run_wrote_agrees_in_the_second(synced: Synced) -> None:
    run = synced.second.json["run_id"]
    reasons = kept(synced, run, "finops.CustomersV2", "status || ' ' || reason", "records")
    unmatched = synced.after.customers.keys() - synced.customers.by_key.keys()
    assert reasons["only_target unmatched"] <= len(unmatched)
    assert not [reason for reason in reasons if reason.endswith("to_be_written")]
    assert reasons["agree equal"] >= len(synced.customers.by_key)


def test_the_data_test_names_flow_company_and_reason(synced: Synced, tmp_path: Path) -> None:
    world = synced.world.with_copied_warehouse(tmp_path / "loop")
    target = tmp_path / "target"
    parsed().lay(target, world.warehouse)
    limits = {"reconciliation_max_only_source": {"accounts": 0}}
    command = ["test", "--select", "tag:reconciliation", "--vars", json.dumps(limits)]
    done = subprocess.run(
        [sys.executable, "-c", DBT, "--no-use-colors", *command],
        cwd=PROJECT,
        env=environment(world.folder) | {"DBT_TARGET_PATH": str(target)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stdout
    broken = [line for line in done.stdout.splitlines() if "the limit is 0" in line]
    assert broken
    for line in broken:
        assert "accounts, " in line
        assert "finops.CustomersV2" in line
        assert re.search(r"are only at the source \(\d+ (rejected|to_review)\b", line)
    assert synced.world.p2c("reconcile", "--check").exit == 0
