"""Writes docs/cli.md, docs/settings.md and docs/tenant/role.md from the code (`make docs`).

And the list of targets that dbt must know before it has a graph, from the files of models/compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.main import get_command
from typer.testing import CliRunner

from p2c.cli import app
from p2c.commands.session import Session
from p2c.config.context import load
from p2c.config.settings import Settings
from p2c.config.settings_errors import environment_name
from p2c.config.target_list import TARGETS, targets_macro
from p2c.run.flows import graph
from p2c.tenant.pages import role_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOTICE = "<!-- Written by `make docs`; do not edit. -->"
SETTINGS_BEFORE = """\
# Settings

Read from, first wins: the environment, `.dlt/secrets.toml` (git-ignored),
`.dlt/config.toml` (committed), the default. In the files `sources.sales.url` is
key `url` of section `[sources.sales]`. Unknown keys are errors. dlt's own sections, as
`[runtime]` and `[load]`, may stand in the same files. `p2c doctor` shows where each
value came from. What is *required* is so once a command reaches that service.

Addresses are https. Plain http is for this machine only, and where an address leads to
this machine, as the sandbox's do, the four required values come from one place.

What is *required* is so with `auth = "client_secret"`. With `"certificate"` it is
`certificate_file` instead of `client_secret`; with `"managed_identity"` only `url`, and
`client_id` where the identity is user-assigned. Both need `prospect-to-cash[azure]`.

| setting | environment variable | default | meaning |
|---|---|---|---|
"""
SETTINGS_AFTER = """
`P2C_PROJECT_DIR` names the project folder when `p2c` is not started inside it.
`NO_COLOR` (as `--no-color`): no escape sequence at all, so no progress bars either. Into
a pipe or a file goes bare text, unwrapped; what an encoding lacks is shown in ASCII.
"""
REQUIRED_FIELDS = ("url", "token_url", "client_id", "client_secret")


def commands() -> list[tuple[str, ...]]:
    """Every command as its words; () is `p2c` itself."""

    def below(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        for name, inner in getattr(command, "commands", {}).items():
            yield from below(inner, (*words, name))

    return list(below(get_command(app), ()))


def help_of(words: tuple[str, ...]) -> str:
    """The help text of one command."""
    environment = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    result = CliRunner().invoke(
        app, [*words, "--help"], obj=Session(), prog_name="p2c", env=environment
    )
    assert result.exit_code == 0, result.output
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def cli_page() -> str:
    """docs/cli.md."""
    parts = [NOTICE, "# Commands", "Exit codes: 0 fine, 1 failed, 2 wrong usage."]
    for words in commands():
        title = " ".join(("p2c", *words))
        parts.append(f"## {title}\n\n```\n{help_of(words)}\n```")
    return "\n\n".join(parts) + "\n"


def settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and field of every setting."""
    for key, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from settings(kind, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", field


def settings_page() -> str:
    """docs/settings.md."""
    rows = "".join(_setting_row(name, field) for name, field in settings())
    return f"{NOTICE}\n{SETTINGS_BEFORE}{rows}{SETTINGS_AFTER}"


def _setting_row(name: str, field: FieldInfo) -> str:
    system, _, key = name.rpartition(".")
    required = system.startswith("sources.") and key in REQUIRED_FIELDS
    default = "*required*" if required else "–" if field.default is None else f"`{field.default}`"
    return f"| `{name}` | `{environment_name(name)}` | {default} | {field.description} |\n"


def main() -> None:
    """Write the pages and the list."""
    (ROOT / TARGETS).write_text(targets_macro(ROOT), encoding="utf-8")
    (DOCS / "cli.md").write_text(cli_page(), encoding="utf-8")
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "tenant" / "role.md").write_text(_role_page(), encoding="utf-8")


def _role_page() -> str:
    context = load(ROOT)
    return role_page(context, graph(context, fresh=True))


if __name__ == "__main__":
    main()
