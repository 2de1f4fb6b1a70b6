"""Sets the faults of a running sandbox from another process."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

import httpx
from pydantic import BaseModel, TypeAdapter

from p2c_sandbox.faults.admin import PATH
from p2c_sandbox.faults.model import Fault


class _Found(BaseModel):
    fault: Fault
    struck: int


_FOUND = TypeAdapter(list[_Found])


class FaultError(Exception):
    """The sandbox did not take the faults; the sentence says why."""


class FaultControl:
    """The faults of one sandbox, for both services. `url` is that of either service."""

    def __init__(self, url: str, client: tuple[str, str], ca_file: Path | None = None) -> None:
        self.url = url + PATH
        self.client = client
        self.ca_file = ca_file

    def set(self, *faults: Fault) -> None:
        """Replace all faults by these. Raises FaultError."""
        self._send("PUT", faults)

    def add(self, *faults: Fault) -> None:
        """Put these after the ones that are there. Raises FaultError."""
        self._send("POST", faults)

    def clear(self) -> None:
        """Remove all faults."""
        self._send("DELETE")

    def all(self) -> list[Fault]:
        """The faults that are set, used up or not."""
        return [found.fault for found in _FOUND.validate_json(self._send("GET"))]

    def struck(self) -> list[int]:
        """How often each fault has happened, in the order they were set."""
        return [found.struck for found in _FOUND.validate_json(self._send("GET"))]

    def _send(self, method: str, faults: Iterable[Fault] = ()) -> bytes:
        body = [fault.model_dump() for fault in faults]
        verify = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else False
        with httpx.Client(auth=self.client, trust_env=False, verify=verify) as http:
            answer = http.request(method, self.url, json=body)
        if answer.status_code != 200:
            raise FaultError(f"The faults were not taken ({answer.status_code}): {answer.text}")
        return answer.content
