"""Which targets are written as one: a document's and its lines' (`part_of` and `whole`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loaders.models import WriteTarget


class UndeclaredDocument(Exception):
    """A changes model says `whole`, and no document is there to be whole with."""

    def __init__(self, model: str, problem: str) -> None:
        self.model = model
        super().__init__(problem)


def whole_documents(targets: Sequence[WriteTarget]) -> list[WriteTarget]:
    """The targets, each document with the targets of its lines as `parts`.

    A document waits for what its lines need, since they are created together. Raises
    UndeclaredDocument when a flow does not create the document that its lines are to be part of,
    or when something between the two needs the document first.
    """
    parts: dict[str, list[WriteTarget]] = {}
    for line in targets:
        if line.whole:
            parts.setdefault(_document(line, targets).model, []).append(line)
    return [_with_parts(target, parts.get(target.model, []), targets) for target in targets]


def _document(line: WriteTarget, targets: Sequence[WriteTarget]) -> WriteTarget:
    for target in targets:
        same = (target.system, target.flow) == (line.system, line.flow)
        if same and target.entity_set == line.part_of and "create" in target.operations:
            return target
    problem = f"`writes.whole` is true, and flow {line.flow} creates no {line.part_of!r}: "
    raise UndeclaredDocument(line.model, problem + "`part_of` must name the document of the lines.")


def _with_parts(
    document: WriteTarget, parts: Sequence[WriteTarget], targets: Sequence[WriteTarget]
) -> WriteTarget:
    own = {document.model, *(part.model for part in parts)}
    needs = document.needs.union(*(part.needs for part in parts)) - own
    for target in targets:
        if target.model in needs and document.model in target.needs:
            problem = f"`writes.whole` is true, and {target.model} comes between it and its lines."
            raise UndeclaredDocument(document.model, problem)
    return replace(document, parts=tuple(parts), needs=needs)
