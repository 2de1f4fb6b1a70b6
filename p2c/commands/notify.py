"""notify: how the thresholds stand, a check for a scheduler, a test message."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import Session, session
from p2c.errors import P2CError, SettingsError, WarehouseBusy, format_error, is_interrupt

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.notify.notifier import Notified
    from p2c.screen.output import Output

Check = Annotated[
    bool,
    typer.Option("--check", help="Notify of what changed; exit 1 where a threshold is crossed."),
]
Test = Annotated[
    bool, typer.Option("--test", help="Send a test message and show what each receiver answers.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog=examples("p2c notify", "p2c notify --test", "p2c notify --check --json"))(
        notify
    )


def notify(
    ctx: typer.Context, check: Check = False, test: Test = False, json_mode: Json = False
) -> None:
    """Which thresholds of [p2c.notify] are crossed. Alone it sends nothing."""
    from p2c.notify import notifier
    from p2c.screen import notify_text

    if check and test:
        raise typer.BadParameter("one of both at a time.", param_hint="--check / --test")
    context, out = session(ctx).start(json_mode)
    _check_flows(context)
    if test:
        _test(context, out)
        return
    found = _send(out, context) if check else notifier.look(context)
    data = _data(found, "crossed" if found.conditions else "ok")
    out.data(data)
    out.show(*notify_text.notify_text(data, _receivers(context)))
    if check and found.conditions:
        raise typer.Exit(1)


def _test(context: Context, out: Output) -> None:
    from p2c.notify import notifier
    from p2c.run.retry_log import retries_logged
    from p2c.screen import notify_text

    with retries_logged():
        found = notifier.send_test(context)
    if not found.sent and not found.failures:
        raise P2CError(
            "Nobody is set to be notified: set p2c.notify.command or p2c.notify.webhook."
        )
    data = _data(found, "failed" if found.failures else "ok")
    out.data(data)
    out.show(*notify_text.test_text(data))
    if found.failures:
        raise typer.Exit(1)


def before_command(session: Session) -> None:
    """A run that was killed could send nothing: the next one does before it begins.

    Otherwise one that is killed each time, as for want of memory, would never be heard of.
    """
    context, out = session.context, session.out_now()
    if not session.notifies or context is None or not _receivers(context):
        return
    from p2c.notify.notifier import was_cut_off

    try:
        if was_cut_off(context):
            _send(out, context)
    except Exception as problem:  # noqa: BLE001 - as below
        out.note(f"Nobody was notified: {format_error(problem)}", level="warning")


def after_command(session: Session, error: BaseException | None) -> None:
    """What a run, an apply or a retry does at its very end, however it ended.

    Nothing that goes wrong here is more than a note: the exit code stays what it was.
    """
    context, out = session.context, session.out_now()
    if not session.notifies or context is None or not _receivers(context):
        return
    from p2c.notify.notifier import newest_start

    if error is not None and (is_interrupt(error) or isinstance(error, WarehouseBusy)):
        error = None  # of the first its row speaks, of the second the run that is on
    try:
        begun = newest_start(context)
        if error is not None and begun is not None and begun >= session.began:
            error = None  # it has a row in the ledger, which says what became of it
        _send(out, context, error)
    except (Exception, KeyboardInterrupt) as problem:  # noqa: BLE001 - a note: it must not cost a run its exit code
        out.note(f"Nobody was notified: {format_error(problem)}", level="warning")


def _send(out: Output, context: Context, error: BaseException | None = None) -> Notified:
    from p2c.notify.notifier import notify as changed
    from p2c.run.retry_log import retries_logged

    with retries_logged():
        found = changed(context, error)
    for note in found.notes:
        out.note(note, level="warning")
    return found


def _receivers(context: Context) -> int:
    settings = context.settings.p2c.notify
    return int(bool(settings.command)) + int(settings.webhook is not None)


def _check_flows(context: Context) -> None:
    """SettingsError for a flow of by_flow that is not there, as far as dbt has said which are."""
    from p2c.run import flows

    settings = context.settings.p2c.notify
    if not settings.by_flow or not (context.path("target_dir") / "manifest.json").is_file():
        return
    known = flows.graph(context).flows
    for name in settings.of_no_flow(known):
        raise SettingsError(
            f"Setting p2c.notify.by_flow.{name} is of no flow; the flows are "
            f"{', '.join(sorted(known))}, or '*' for each."
        )


def _data(found: Notified, status: str) -> dict[str, Any]:
    from p2c.notify import wording
    from p2c.notify.conditions import as_row

    rows = [
        {
            **as_row(one),
            "since": found.since.get(one.key),
            "text": wording.problem(one, (), details=True),
            "first": wording.first(one),
        }
        for one in found.conditions
    ]
    return {
        "status": status,
        "conditions": rows,
        "sent": found.sent,
        "answers": found.answers,
        "failures": found.failures,
    }
