"""Numbers in printed text, with the words beside them: `Test Accuracy: 98.60%` -> ("Test Accuracy", 98.6, "%").

Also read: `962/1000 (96%)` as shares, `95,4 %` with a decimal comma, `95.3% test accuracy` with the words after it, and
the times `1m 23s` and `0:01:23` as 83 s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from grader.records import Number

# All counts below are bounded: text of the student's must not make a pattern slow.
HOURS, MINUTES, SECONDS = r"h(?:rs?|ours?)?", r"m(?:ins?|inutes?)?", r"s(?:ecs?|econds?)?"
AND = r"[ ,:]{0,3}(?:and )?"
SPAN = (
    rf"(?:(?P<h>\d{{1,9}}) ?{HOURS}{AND})?(?P<m>\d{{1,9}}) ?{MINUTES}{AND}"
    rf"(?P<s>\d{{1,9}}(?:\.\d{{1,20}})?) ?{SECONDS}\b"
)
CLOCK = r"(?P<clock>\d{1,3}:[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(?![:\d])"
SHARE = r"(?P<part>\d[\d,]{0,15}) ?(?:/|(?:out )?of) ?(?P<whole>\d[\d,]{0,15})(?![\d./])"
# Three digits after a comma are thousands, unless `%` or a leading zero says otherwise; `(3,5)` is a pair.
COMMA = (
    rf"(?<!\d,)(?:\d{{1,9}},\d{{1,20}}(?= ?%)"
    rf"|(?<![(\[])(?:0,\d{{1,20}}(?![,.\d])|\d{{1,9}},\d{{1,2}}(?= ?{SECONDS}\b|\s*$)))"
)
PLAIN = r"(?:\d{1,3}(?:,\d{3}){1,9}(?![\d,])|\d{1,40})(?:\.\d{1,40})?(?:[eE][-+]?\d{1,4})?"
# A number is no part of a word or of another number: not the 5 of 'LeNet-5' or the 10 of 'CIFAR-10'. Dashes drawn
# before a number (`---6.6 s---`) are no sign.
NUMBER = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?:{CLOCK}|{SPAN}|{SHARE}"
    rf"|(?P<sign>(?<!-)[-+])?(?:(?P<comma>{COMMA})|(?P<plain>{PLAIN})))(?!\w{{0,20}}[A-Za-z_]\w{{0,20}}\d)"
)
UNIT = re.compile(r"\s?(%|[A-Za-z]+)")
WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_ \-()/]*")
AFTER = re.compile(r"[ -]{0,3}([A-Za-z_][A-Za-z_ -]{0,80})")
SAME = re.compile(r"\s*(?:/|or|=|≈|out of|of)?\s*[(\[]?\s*")
TIMES = {"s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "ms", "h", "hr", "hrs", "hour",
         "hours"}  # fmt: skip
SIZES = {"b", "kb", "mb", "gb", "kib", "mib", "gib"}  # of memory, as `model.summary()` has them beside parameters
UNITS = {*TIMES, *SIZES, "percent"}
# `Epoch [3/10]`, `step 3 of 100` count; they are no shares.
COUNTED = re.compile(r"(?:epochs?|steps?|batch(?:es)?|iter(?:ation)?s?|folds?)\W{0,5}$", re.IGNORECASE)
# The times in a progress bar (Keras, tqdm) are guesses and steps.
PROGRESS = re.compile(r"━|it/s|s/it|s/step|\[=")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TIME_OF_DAY = 6 * 3600  # from here on 12:30:45 is a time of day in a log, not a duration
MOST_TEXT = 500_000
MOST_NUMBERS = 2_000


def numbers_in(text: str, cell: int | None = None) -> tuple[Number, ...]:
    """All numbers of a text (the last 2,000 of the last 500,000 characters), in order.

    Args:
        text: Printed output. Carriage returns end a line, as progress bars use them.
        cell: Index of the cell that printed it.
    """
    lines = re.split(r"[\r\n]+", ANSI.sub("", text[-MOST_TEXT:]))
    return tuple(number for line in lines for number in numbers_of_line(line, cell))[-MOST_NUMBERS:]


def numbers_of_line(line: str, cell: int | None) -> Iterator[Number]:
    """The numbers of one line.

    The label of a number is the words since the last number that stood after a colon or an equals sign: the 10000 in
    "Accuracy on the 10000 test images: 95 %" does not cut the 95 off from its word. A number that says the same as the
    one before it, as in "962/1000 (96%)", has its label too.
    """
    words, label, end = "", "", 0
    progress = PROGRESS.search(line) is not None
    for match in NUMBER.finditer(line):
        counted = COUNTED.search(line, max(0, match.start() - 20), match.start()) is not None
        value, unit, after = read(match, line, counted=counted)
        if not math.isfinite(value):
            continue
        stretch = line[end : match.start()]
        words = f"{words} {label_of(stretch)}".strip()[-80:]
        said = stretch.rstrip().endswith((":", "="))
        same = end and SAME.fullmatch(stretch) and unit.lower() not in SIZES
        label = label if same else words
        if unit and not said:
            label = f"{label} {words_after(line, after)}".strip()[-80:]
        yield Number(label, value, "" if progress and unit.lower() in TIMES else unit, cell)
        end = after
        if unit or said:
            words = ""


def read(match: re.Match[str], line: str, *, counted: bool = False) -> tuple[float, str, int]:
    """Value and unit of a number, and where both end in the line. Of two counts the first."""
    found = match.groupdict()
    end = match.end()
    if found["clock"] or found["s"]:
        parts = found["clock"].split(":") if found["clock"] else [found["h"] or "0", found["m"], found["s"]]
        time = sum(float(part) * factor for part, factor in zip(parts, (3600, 60, 1), strict=True))
        return time, "" if found["clock"] and time >= TIME_OF_DAY else "s", end
    if found["whole"]:
        part, whole = (float(found[key].replace(",", "")) for key in ("part", "whole"))
        share = part / whole if whole else math.nan
        return part if counted else share, "", end
    digits = found["comma"].replace(",", ".") if found["comma"] else found["plain"].replace(",", "")
    unit, end = unit_after(line, end)
    return float(f"{found['sign'] or ''}{digits}"), unit, end


def unit_after(line: str, position: int) -> tuple[str, int]:
    """The unit that follows a number, if it is one that students print, and where it ends."""
    match = UNIT.match(line, position)
    if match and (match.group(1) == "%" or match.group(1).lower() in UNITS):
        return match.group(1), match.end()
    return "", position


def words_after(line: str, position: int) -> str:
    """The words that follow a number, if they belong to no later one: `95.3% test accuracy`."""
    match = AFTER.match(line, position)
    following = line[match.end() : match.end() + 1] if match else ""
    return "" if match is None or following in {":", "="} or following.isdigit() else label_of(match.group(1))


def label_of(text: str) -> str:
    """The words of a stretch of text, without punctuation at its ends; at most the last 80 characters."""
    words = [match.strip(" -()/") for match in WORDS.findall(text[-200:])]
    return " ".join(word for word in words if word)[-80:]
