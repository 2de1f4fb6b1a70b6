"""The values that cross module borders in the loaders: frozen, one module for each subject."""

from loaders.models.changes import (
    OPERATIONS,
    REMOVALS,
    WRITTEN,
    Change,
    Interim,
    Operation,
    Outcome,
    Status,
    Verification,
)
from loaders.models.plans import Judge, Plan, PlanKind, Snapshot
from loaders.models.reports import ApplyReport, ApplyStatus, Progress, TargetCounts
from loaders.models.services import MAX_WAIT, ApplySettings, Service, System
from loaders.models.targets import Column, SyncGraph, UndoCreate, WriteTarget

__all__ = [
    "MAX_WAIT",
    "OPERATIONS",
    "REMOVALS",
    "WRITTEN",
    "ApplyReport",
    "ApplySettings",
    "ApplyStatus",
    "Change",
    "Column",
    "Interim",
    "Judge",
    "Operation",
    "Outcome",
    "Plan",
    "PlanKind",
    "Progress",
    "Service",
    "Snapshot",
    "Status",
    "SyncGraph",
    "System",
    "TargetCounts",
    "UndoCreate",
    "Verification",
    "WriteTarget",
]
