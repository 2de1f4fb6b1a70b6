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

Signatures (warehouse and manifest are paths; services is {"sales": Service, "finops": Service}):

    read_targets(manifest_path: Path) -> SyncGraph                      # ManifestError
    Ledger.open(state_dir: Path) -> Ledger                              # context manager
    Ledger.start_run(command: str) -> str                               # the run id
    Ledger.finish_run(run_id: str, status: str, report: dict) -> None
    make_plan(warehouse: Path, graph: SyncGraph, ledger: Ledger, *, run_id: str | None = None,
              select: Sequence[str] | None = None, with_needed: bool = False,
              limit: int | None = None) -> Plan      # UnknownFlow, OldSnapshot, WarehouseError
    load_plan(ledger: Ledger, plan_id: str) -> Plan                     # UnknownPlan
    plan_changes(ledger: Ledger, plan_id: str, limit: int | None = None) -> Iterator[Change]
    check_plan(warehouse: Path, graph: SyncGraph, ledger: Ledger, plan: Plan) -> None
                                                     # StalePlan, PlanAlreadyApplied
    check_guards(warehouse: Path, graph: SyncGraph, ledger: Ledger, plan: Plan,
                 settings: GuardSettings) -> None                       # GuardStop
    apply_plan(warehouse: Path, graph: SyncGraph, ledger: Ledger, plan_id: str,
               services: Mapping[str, Service], *, settings: ApplySettings = ApplySettings(),
               progress: Callable[[Progress], None] | None = None,
               stop: threading.Event | None = None) -> ApplyReport   # raises as check_plan
    flow_report(warehouse: Path, graph: SyncGraph, plan: Plan, applied: ApplyReport | None, *,
                run_id: str, seconds: float) -> RunReport               # FateMismatch
    RunReport.as_dict() -> dict                                         # the design's JSON
    publish(ledger: Ledger, warehouse: Path) -> int                     # rows copied

`GuardSettings(max_changes=10_000, max_drop=0.3, max_rejected=0.5, allow=frozenset())`: `allow`
takes the guards' names (empty_source, steep_drop, too_many_changes, too_many_rejections); the
CLI's repeatable `--allow NAME` fills it. The first Ctrl-C during apply_plan finishes the requests in
flight, records them and returns a report with status interrupted; `apply_plan` again resumes.
"""
