"""What stdout and stderr cannot show: ASCII instead of a traceback."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata

ERRORS = "p2c_ascii"
INSTEAD = {
    "·": ".",
    "→": "->",
    "…": "...",
    "–": "-",
    "─": "-",
    "━": "-",
    "×": "x",
    "“": '"',
    "”": '"',
    "’": "'",
    "ß": "ss",
    "€": "EUR",
}


def in_ascii(text: str) -> str:
    """The nearest ASCII: letters without their accents, `?` for what has no likeness."""
    parts = (INSTEAD.get(letter) or _bare(letter) for letter in text)
    return "".join(parts)


def _bare(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return in_ascii(error.object[error.start : error.end]), error.end


def tolerate() -> None:
    """Print what a stream's encoding lacks (an old locale, PYTHONIOENCODING) in ASCII."""
    codecs.register_error(ERRORS, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def shows(encoding: str | None, text: str) -> bool:
    """Whether an encoding has every letter of a text."""
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
