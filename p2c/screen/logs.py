"""Log records of this project and of libraries, as notes on stderr: one handler, one formatter."""

from __future__ import annotations

import logging

from p2c.screen.output import Output

OURS = frozenset(("p2c", "loaders", "pipelines", "p2c_sandbox"))


class NoteFormatter(logging.Formatter):
    """One line; a library's name stands before what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """The message without its line breaks."""
        text = " ".join(record.getMessage().split())
        return text if record.name.partition(".")[0] in OURS else f"{record.name}: {text}"


class NoteHandler(logging.Handler):
    """Warnings and worse go to the command's output, each text once."""

    def __init__(self, out: Output) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(NoteFormatter())
        self._out = out
        self._shown: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Part of logging."""
        text = self.format(record)
        if text not in self._shown:
            self._shown.add(text)
            self._out.note(text, level="warning")


def log_to(out: Output) -> None:
    """Let what is logged from now on be printed by `out`, and by no earlier one."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, NoteHandler):
            root.removeHandler(handler)
    root.addHandler(NoteHandler(out))
