"""Numbers in printed text, with the words before them: `Test Accuracy: 98.60%` -> ("Test Accuracy", 98.6, "%")."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from grader.records import Number

# A number is no part of a word or of another number: not the 5 of 'LeNet-5' or the 10 of 'CIFAR-10'.
NUMBER = re.compile(r"(?<![\w.])(?<![A-Za-z]-)[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w]*[A-Za-z_]\w*\d)")
UNIT = re.compile(r"\s?(%|[A-Za-z]+)")
WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_ \-()/]*")
UNITS = {"s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "ms", "h", "hours", "percent"}
MOST_TEXT = 500_000
MOST_NUMBERS = 2_000


def numbers_in(text: str, cell: int | None = None) -> tuple[Number, ...]:
    """All numbers of a text (the last 2,000 of the last 500,000 characters), in order.

    Args:
        text: Printed output. Carriage returns end a line, as progress bars use them.
        cell: Index of the cell that printed it.
    """
    lines = re.split(r"[\r\n]+", text[-MOST_TEXT:])
    return tuple(number for line in lines for number in numbers_of_line(line, cell))[-MOST_NUMBERS:]


def numbers_of_line(line: str, cell: int | None) -> Iterator[Number]:
    """The numbers of one line.

    The label of a number is the words since the last number that stood after a colon or an equals sign: the 10000 in
    "Accuracy on the 10000 test images: 95 %" does not cut the 95 off from its word.
    """
    words, end = "", 0
    for match in NUMBER.finditer(line):
        value = float(match.group().replace(",", ""))
        if not math.isfinite(value):
            continue
        stretch = line[end : match.start()]
        words = f"{words} {label_of(stretch)}".strip()[-80:]
        unit = unit_after(line, match.end())
        yield Number(words, value, unit, cell)
        end = match.end() + len(unit)
        if unit or stretch.rstrip().endswith((":", "=")):
            words = ""


def unit_after(line: str, position: int) -> str:
    """The unit that follows a number, if it is one that students print."""
    match = UNIT.match(line, position)
    if match and (match.group(1) == "%" or match.group(1).lower() in UNITS):
        return match.group(1)
    return ""


def label_of(text: str) -> str:
    """The words of a stretch of text, without punctuation at its ends; at most the last 80 characters."""
    words = [match.strip(" -()/") for match in WORDS.findall(text[-200:])]
    return " ".join(word for word in words if word)[-80:]
