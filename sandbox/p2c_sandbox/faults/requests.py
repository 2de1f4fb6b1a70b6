"""Faults of the service itself, for single requests and for the parts of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from p2c_sandbox.faults.model import Fault, Service
from p2c_sandbox.faults.registry import Asked, Faults
from p2c_sandbox.odata.http import Handler, Headers, Request, Response

WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE", "MERGE"})
# What becomes of a package's job is told to the service by a header of the sandbox's own.
JOBS, JOB = frozenset({"job_never_ends", "job_fails"}), "x-sandbox-job"
STARTS = ("ExportToPackage", "ExportToPackageAsync", "ImportFromPackage")


@dataclass(frozen=True)
class Words:
    """The answers of one service. Each gets the fault and the name of the set."""

    throttled: Callable[[Fault], Response]
    rejected: Callable[[Fault, str], Response]
    deadlock: Callable[[Fault, str], Response]


def around(faults: Faults, service: Service, words: Words) -> Callable[[Handler], Handler]:
    """A function that puts faults in front of a service's handler."""

    def wrap(handler: Handler) -> Handler:
        def answer(request: Request) -> Response:
            fault = faults.take(_possible(request), _asked(service, request))
            return handler(request) if fault is None else strike(fault, request)

        def strike(fault: Fault, request: Request) -> Response:
            entity_set = request.path.partition("(")[0].partition("/")[0]
            if fault.kind == "throttle":
                return words.throttled(fault)
            if fault.kind == "rejected":
                return words.rejected(fault, entity_set)
            if fault.kind == "deadlock":
                return words.deadlock(fault, entity_set)
            if fault.kind in JOBS:
                return handler(
                    replace(request, headers=Headers({**request.headers, JOB: fault.kind}))
                )
            handler(_by_someone_else(request))
            return handler(request)

        return answer

    return wrap


def _possible(request: Request) -> set[str]:
    """A batch as a whole can be throttled; its rows are its parts' affair."""
    kinds = {"throttle"}
    if request.method in WRITES and not request.path.startswith("$batch"):
        kinds |= {"rejected", "deadlock"}
        if request.headers.get("if-match", "*") != "*":
            kinds.add("etag_moved")
        if request.path.rpartition(".")[2] in STARTS:
            kinds |= JOBS
    return kinds


def _asked(service: Service, request: Request) -> Asked:
    path = unquote(f"{urlsplit(request.root).path}/{request.path}")
    return Asked(service, request.method, path, part=request.in_batch)


def _by_someone_else(request: Request) -> Request:
    """A change of the same row that changes nothing but its version."""
    headers = {n: v for n, v in request.headers.items() if n not in ("if-match", "prefer")}
    return replace(request, method="PATCH", headers=Headers(headers), body=b"{}")
