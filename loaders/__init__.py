"""Writes the changes that dbt computed into Sales and F&O, and records the fate of every row.

The order of calls of a run (no step keeps the warehouse open after it returns):

    graph = read_targets(Path("target/manifest.json"))
    with Ledger.open(state_dir) as ledger:
        run_id = ledger.start_run("run")
        plan = make_plan(warehouse, graph, ledger, run_id=run_id)
        check_guards(warehouse, graph, ledger, plan, GuardSettings())
        applied = apply_plan(warehouse, graph, ledger, plan.plan_id, services, progress=show)
        report = flow_report(warehouse, graph, plan, applied, run_id=run_id, seconds=12.3)
        ledger.finish_run(run_id, report.status, report.as_dict())
        publish(ledger, warehouse)

`plan` alone stops after the guards and reports with `applied=None`; its rows are
`plan_changes(ledger, plan_id)`. `apply` starts at `load_plan(ledger, plan_id)`.
"""
