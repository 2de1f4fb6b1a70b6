"""What happens to a value on its way into another system, by chance."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence

Change = Callable[[random.Random, str], str]
NEIGHBOURS = {
    "a": "s",
    "e": "r",
    "i": "o",
    "o": "p",
    "n": "m",
    "t": "r",
    "y": "z",
    "z": "y",
    "d": "f",
}
LOOKALIKES = {"o": "0", "l": "1", "s": "5", "rn": "m", "m": "rn"}
SPOKEN = {
    "München": "Munich",
    "Köln": "Cologne",
    "Nürnberg": "Nuremberg",
    "Milano": "Milan",
    "Roma": "Rome",
    "Göteborg": "Gothenburg",
    "Den Haag": "The Hague",
    "Sevilla": "Seville",
    "Torino": "Turin",
}
REMARKS = ("(old)", "- DO NOT USE", "c/o accounting", "HQ", "Hauptverwaltung", "/ Einkauf")


def typing_error(draw: random.Random, text: str) -> str:
    """One letter swapped, lost, doubled, or taken for its neighbour."""
    if len(text) < 4:
        return text
    at = draw.randrange(1, len(text) - 1)
    kind = draw.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + NEIGHBOURS.get(text[at].lower(), "e") + text[at + 1 :]


def swapped_words(draw: random.Random, text: str) -> str:
    """Two words change places, sometimes with a comma: `Smith, Anna`."""
    words = text.split(" ")
    if len(words) < 2:
        return text
    at = draw.randrange(len(words) - 1)
    words[at], words[at + 1] = words[at + 1], words[at]
    if len(words) == 2 and draw.random() < 0.4:
        words[0] += ","
    return " ".join(words)


def capitals(_: random.Random, text: str) -> str:
    return text.upper()


def without_accents(draw: random.Random, text: str) -> str:
    """`ü` as `u`, or as `ue` as Germans write it."""
    if draw.random() < 0.5:
        for letter, written in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
            text = text.replace(letter, written)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def other_punctuation(draw: random.Random, text: str) -> str:
    return draw.choice(
        [
            text.replace(" ", "-", 1),
            text.replace(".", ""),
            text.replace("&", "and"),
            f"{text}.",
            text.replace(" ", "  ", 1),
        ]
    )


def cut(draw: random.Random, text: str) -> str:
    """What a field of 20 to 30 letters keeps."""
    return text[: draw.choice([20, 25, 30])].rstrip()


def looks_alike(draw: random.Random, text: str) -> str:
    """A letter that a scanner reads as another."""
    found = [letter for letter in LOOKALIKES if letter in text[1:]]
    if not found:
        return text
    letter = draw.choice(found)
    at = text.index(letter, 1)
    return text[:at] + LOOKALIKES[letter] + text[at + len(letter) :]


def remark(draw: random.Random, text: str) -> str:
    """What people write into names that does not belong there."""
    return f"{text} {draw.choice(REMARKS)}"


def glued(draw: random.Random, text: str) -> str:
    """Two words written as one."""
    return text.replace(" ", "", 1) if draw.random() < 0.9 else text


def shortened(draw: random.Random, text: str) -> str:
    """One long word is cut in the middle with a dot: `Technol.`."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 7]
    if not long:
        return text
    at = draw.choice(long)
    words[at] = words[at][: draw.randint(4, 6)] + "."
    return " ".join(words)


def spoken(_: random.Random, text: str) -> str:
    """A town as foreigners call it."""
    return SPOKEN.get(text, text)


def rewritten_phone(draw: random.Random, text: str) -> str:
    """The same number, as people, forms and switchboards write it."""
    country, area, subscriber = text.removeprefix("+").split(" ")
    half = len(subscriber) // 2
    return draw.choice(
        [
            f"00{country} {area} {subscriber}",
            f"0{area}/{subscriber}",
            f"+{country} (0){area} {subscriber[:half]} {subscriber[half:]}",
            f"({area}) {subscriber[:half]}-{subscriber[half:]}",
            f"+{country}.{area}.{subscriber} ext. {draw.randint(1, 99)}",
            f"{country}{area}{subscriber}",
        ]
    )


def rewritten_street(draw: random.Random, text: str) -> str:
    """A street abbreviated, or with its number elsewhere, or with a floor."""
    pairs = (
        ("Street", "St."),
        ("Road", "Rd"),
        ("Avenue", "Ave"),
        ("straße", "str."),
        ("Straße", "Str."),
        ("rue ", "r. "),
        ("Via ", "V. "),
        ("Calle ", "C/ "),
        ("Square", "Sq"),
        ("Plaza", "Plz"),
    )
    for long, short in pairs:
        if long in text and draw.random() < 0.8:
            return text.replace(long, short)
    return draw.choice([f"{text}, 2nd floor", text.upper(), f"{text} a", typing_error(draw, text)])


NAME_CHANGES: Sequence[tuple[float, Change]] = (
    (0.22, typing_error),
    (0.10, swapped_words),
    (0.12, capitals),
    (0.10, without_accents),
    (0.10, other_punctuation),
    (0.03, cut),
    (0.02, looks_alike),
    (0.03, remark),
    (0.03, glued),
    (0.05, shortened),
)


def changed(draw: random.Random, text: str, changes: Sequence[tuple[float, Change]]) -> str:
    """Each change with its own chance."""
    for chance, change in changes:
        if draw.random() < chance:
            text = change(draw, text)
    return text
