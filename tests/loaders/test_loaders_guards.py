"""Guards stop a run before its first write, with the numbers and the way past them."""

from dataclasses import replace
from typing import Any

import pytest

from loaders import (
    GuardSettings,
    Ledger,
    apply_plan,
    check_guards,
    make_plan,
    read_targets,
)
from loaders.applying import apply as apply_module
from loaders.errors import GuardStop
from loaders.models import Plan, PlanKind
from loaders.planning.plan import check_plan
from tests.loaders.loader_rows import change
from tests.loaders.loader_world import World


def planned(world: World, ledger: Ledger) -> Plan:
    return make_plan(world.warehouse, read_targets(world.manifest_path), ledger)


def check(world: World, ledger: Ledger, plan: Plan, **settings: object) -> None:
    check_guards(world.warehouse, ledger, plan, GuardSettings(**settings))


def stopped(world: World, ledger: Ledger, plan: Plan, **settings: object) -> GuardStop:
    with pytest.raises(GuardStop) as error:
        check(world, ledger, plan, **settings)
    return error.value


def counts(world: World, flow: str, **values: int) -> None:
    changed = ", ".join(f'"{name}" = {value}' for name, value in values.items())
    world.sql(f"update quality.flow_counts set {changed} where flow = '{flow}'")


def test_an_ordinary_plan_passes(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    check(world, ledger, planned(world, ledger))


def test_too_many_changes(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1), change(2), change(3)])
    plan = planned(world, ledger)
    error = stopped(world, ledger, plan, max_changes=2)
    assert str(error) == (
        "Stopped before the first write. The plan has 3 changes, the limit is 2. "
        "If this is right: --allow too_many_changes, or raise max_changes."
    )
    check(world, ledger, plan, max_changes=2, allow=frozenset({"too_many_changes"}))


def test_too_many_deletions(world: World, ledger: Ledger) -> None:
    """Deactivated and deleted records have a ceiling of their own, whatever else a plan does."""
    world.build(
        things=[change(1, "deactivate"), change(2, "deactivate"), change(3), change(4, "update")],
        gadgets=[change(5, "delete", system="finops", flow="gadgets")],
    )
    plan = planned(world, ledger)
    check(world, ledger, plan, max_deletions=3)
    error = stopped(world, ledger, plan, max_deletions=2)
    assert str(error) == (
        "Stopped before the first write. The plan takes away 3 records (2 of things to deactivate "
        "in sales.widgets, 1 of gadgets to delete in finops.Gadgets), the limit is 2: `p2c plan` "
        "names them. If this is right: --allow too_many_deletions, or raise max_deletions."
    )
    check(world, ledger, plan, max_deletions=2, allow=frozenset({"too_many_deletions"}))


@pytest.mark.parametrize("kind", ["undo", "retry"])
def test_what_a_person_takes_back_is_no_disappearance(
    world: World, ledger: Ledger, kind: PlanKind
) -> None:
    world.build(things=[change(1, "deactivate"), change(2, "deactivate")])
    check(world, ledger, replace(planned(world, ledger), kind=kind), max_deletions=1)


MET = '{"first_contact":true,"held":{"name":"Theirs"},"kept":{}}'


def test_k3_too_many_first_contacts(world: World, ledger: Ledger) -> None:
    """Updates of pairs that agreed once, whatever they leave alone, do not count."""
    later = '{"first_contact":false,"held":{"name":"Theirs"},"kept":{"name":"Ours"}}'
    world.build(
        things=[
            change(1, "update", agreement=MET),
            change(2, "update", agreement=MET),
            change(3, "update", agreement=later),
            change(4, "update"),
        ],
        gadgets=[change(5, "update", system="finops", flow="gadgets", agreement=MET)],
    )
    plan = planned(world, ledger)
    check(world, ledger, plan, max_first_contacts=3)
    error = stopped(world, ledger, plan, max_first_contacts=2)
    assert "has 3 first contacts" in str(error)
    assert {"2 of things to sales.widgets", "1 of gadgets to finops.Gadgets"} == set(
        str(error).partition("(")[2].partition(")")[0].split(", ")
    )
    assert "--allow too_many_first_contacts, or raise max_first_contacts" in str(error)
    check(world, ledger, plan, max_first_contacts=0, allow=frozenset({"too_many_first_contacts"}))
    check(world, ledger, replace(plan, kind="retry"), max_first_contacts=0)


def test_too_many_rejections(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    counts(world, "things", source_rows=102, filtered=2, rejected=60)
    error = stopped(world, ledger, planned(world, ledger))
    assert "rejects 60 of 100 records in scope (60%), the limit is 50%" in str(error)


def test_an_empty_source_that_would_change_something(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1, "deactivate")])
    counts(world, "things", source_rows=0, filtered=0)
    [finding] = stopped(world, ledger, planned(world, ledger)).findings
    assert finding.guard == "empty_source"
    assert "found no source records, yet 1 changes" in finding.message


def test_an_empty_source_that_had_records_before(world: World, ledger: Ledger) -> None:
    flows = [{"flow": "gadgets", "target": "finops.Gadgets", "source_rows": 40}]
    ledger.finish_run(ledger.start_run("run"), "ok", {"flows": flows})
    world.build(things=[change(1)])
    counts(world, "gadgets", source_rows=0)
    error = stopped(world, ledger, planned(world, ledger))
    assert "the last run had 40" in str(error)


def test_a_steep_drop_counts_from_the_last_apply_not_from_the_last_extract(
    world: World, ledger: Ledger
) -> None:
    world.extract("load-2", widgets=100)
    world.build(things=[change(1)])
    ledger.set_plan_status(planned(world, ledger).plan_id, "applying")
    world.extract("load-3", widgets=60)
    planned(world, ledger)
    world.extract("load-4", widgets=60)
    error = stopped(world, ledger, planned(world, ledger))
    assert "Table raw_sales.widgets has 60 records, 100 when it was last applied: 40%" in str(error)
    world.extract("load-5", widgets=70)
    check(world, ledger, planned(world, ledger))


def test_a_drop_of_a_flow_is_seen_where_its_tables_are_full(world: World, ledger: Ledger) -> None:
    flows = [{"flow": "things", "target": "sales.widgets", "source_rows": 200}]
    ledger.finish_run(ledger.start_run("run"), "ok", {"flows": flows})
    world.build(things=[change(1)])
    counts(world, "things", source_rows=100)
    [finding] = stopped(world, ledger, planned(world, ledger)).findings
    assert "Flow things to sales.widgets has 100 records, 200" in finding.message


def test_few_records_make_no_trend(world: World, ledger: Ledger) -> None:
    world.extract("load-2", widgets=4)
    world.build(things=[change(1)])
    ledger.set_plan_status(planned(world, ledger).plan_id, "applying")
    world.extract("load-3", widgets=1)
    check(world, ledger, planned(world, ledger))


def test_all_findings_are_told_at_once(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1), change(2)])
    counts(world, "things", source_rows=102, filtered=2, rejected=60)
    error = stopped(world, ledger, planned(world, ledger), max_changes=1)
    assert {f.guard for f in error.findings} == {"too_many_changes", "too_many_rejections"}
    assert len(error.findings) == 2


def test_a_plan_without_changes_has_nothing_to_guard(world: World, ledger: Ledger) -> None:
    counts(world, "things", source_rows=102, filtered=2, rejected=90)
    check(world, ledger, planned(world, ledger))


def test_a_plan_that_a_guard_stops_is_not_saved(world: World, ledger: Ledger) -> None:
    """Nothing of it is left to be applied, retried or counted as a try."""
    world.build(things=[change(1), change(2), change(3)])
    graph, seen = read_targets(world.manifest_path), []

    def judge(plan: Plan) -> None:
        seen.append(plan.changes)
        check(world, ledger, plan, max_changes=2)

    with pytest.raises(GuardStop):
        make_plan(world.warehouse, graph, ledger, judge=judge)
    assert seen == [3]
    for table in ("plans", "writes"):
        assert ledger.connection.execute(f"select count(*) from {table}").fetchone()[0] == 0


def test_a_plan_is_judged_once_it_is_found_true_and_before_any_request(
    world: World, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`p2c apply`: one check, then the guards, then the first request."""
    world.build(things=[change(1)])
    graph, plan, asked = read_targets(world.manifest_path), planned(world, ledger), []
    checked = check_plan

    def check_once(*arguments: Any) -> None:
        asked.append("true")
        checked(*arguments)

    def judge(plan: Plan) -> None:
        asked.append("judged")
        check(world, ledger, plan, max_changes=0)

    monkeypatch.setattr(apply_module, "check_plan", check_once)
    with pytest.raises(GuardStop):
        apply_plan(world.warehouse, graph, ledger, plan.plan_id, {}, judge=judge)
    assert asked == ["true", "judged"]
    assert ledger.plan(plan.plan_id).status == "planned"
