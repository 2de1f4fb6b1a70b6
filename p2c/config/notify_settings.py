"""Settings of section [p2c.notify]: who is notified of a change of state, and from when on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from p2c.config.section import Section
from pipelines.common.origin import is_safe

LIMIT = re.compile(r"[1-9]\d*|(?:100|\d{1,2})(?:\.\d+)?%")
# The limits of all flows that by_flow does not name.
EACH = "*"


def _limits(value: object) -> object:
    """`20`, `"5%"` or a list of such as texts; no number and no share is refused."""
    if isinstance(value, str) and not value.strip():
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    texts = [str(part).strip() for part in (parts if isinstance(parts, list | tuple) else [parts])]
    for text in texts:
        if not LIMIT.fullmatch(text) or text.startswith("0%"):
            raise ValueError(f"{text!r} is neither a number of records (20) nor a share ('5%')")
    return tuple(texts)


def _words(value: object) -> object:
    """A command as its words; a text is split as a shell splits it, and nothing else is done."""
    return shlex.split(value) if isinstance(value, str) else value


Limits = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_limits)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
OF_READ = "a number (`20`), a share of the records read (`5%`), or a list of steps: each notifies."


class Thresholds(Section):
    """From which counts on somebody is notified; none: never."""

    rejected: Limits = Field(default=(), description=f"Records that cannot be written: {OF_READ}")
    blocked: Limits = Field(default=(), description=f"Records that wait for another: {OF_READ}")
    failed: Limits = Field(
        default=(),
        description="Changes that a service refused or that got no answer: as `rejected`, shares "
        "are of the changes.",
    )


class Notify(Thresholds):
    """Receivers of messages, and the thresholds of all flows together."""

    command: Words = Field(
        default=(),
        description="Program that gets each message as JSON on stdin: a list of words, or a text "
        "split as a shell would; no shell runs it.",
    )
    webhook: SecretStr | None = Field(
        default=None,
        description="Address that each message is posted to as JSON; it belongs into "
        "`.dlt/secrets.toml`.",
    )
    webhook_format: Literal["text", "card"] = Field(
        default="text",
        description="`text`: JSON with a member `text`, as Slack takes it; `card`: an Adaptive "
        "Card, as workflows of Teams take it.",
    )
    webhook_token: SecretStr | None = Field(
        default=None, description="Sent to the webhook as bearer token, where it wants one."
    )
    timeout: float = Field(
        default=10, gt=0, le=300, description="Seconds that each receiver may take, tries included."
    )
    details: bool = Field(
        default=False,
        description="Put the words of errors into messages also where they may quote keys and "
        "values of records.",
    )
    rejected: Limits = Field(default=("5%",), description=f"Of all flows together: {OF_READ}")
    blocked: Limits = Field(default=("5%",), description="The same for records that wait.")
    failed: Limits = Field(
        default=("1",),
        description="The same for changes that a service refused or that got no answer; shares "
        "are of the changes.",
    )
    by_flow: Mapping[str, Thresholds] = Field(
        default={},
        description='The same for single flows, `"*"` for each: `{orders_out = {failed = 1}}`.',
    )
    hours_since_run: float | None = Field(
        default=None, gt=0, description="Hours since a run last came to its end."
    )
    hours_since_extract: float | None = Field(
        default=None, gt=0, description="Hours since an extract last came to its end."
    )

    def of_no_flow(self, flows: Collection[str]) -> list[str]:
        """What by_flow names and is no flow: nobody would ever hear of it."""
        return [name for name in self.by_flow if name != EACH and name not in flows]

    @field_validator("command")
    @classmethod
    def _no_blank(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value and not value[0].strip():
            raise ValueError("its first word must name a program")
        return value

    @field_validator("webhook")
    @classmethod
    def _safe(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_safe(value.get_secret_value()):
            raise ValueError("it must be an https address (http only to this machine)")
        return value
