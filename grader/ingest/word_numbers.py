"""The numbers that Word shows before paragraphs and does not store: they are counted from the list definitions.

Source: ECMA-376, part 1, 17.9 (Numbering): `w:numPr` of a paragraph or its style names a `w:num`, which names a
`w:abstractNum` with a format, a text and a first number for each level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

LEVELS = 9
ROMAN = {100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}


class Numbers:
    """Counts the list paragraphs of a document, which must be asked for in reading order.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, tuple[str, dict[int, tuple[str, str, int]]]] = {}
        self._counts: dict[str, list[int]] = {}
        root = next((part.element for part in _numbering_parts(document)), None)
        if root is not None:
            self._read(root)

    def _read(self, root: Any) -> None:
        abstract = {_value(one, "abstractNumId"): one for one in root.findall(qn("w:abstractNum"))}
        for number in root.findall(qn("w:num")):
            name = _value(number.find(qn("w:abstractNumId")))
            definition = abstract.get(name)
            if definition is None:
                continue
            levels = dict(_levels(definition))
            starts = dict(_overridden(number))
            levels = {n: (form, text, starts.get(n, start)) for n, (form, text, start) in levels.items()}
            # Lists of one definition count on, unless they say where they begin.
            key = f"{name}/{_value(number, 'numId')}" if starts else name
            self._lists[_value(number, "numId")] = (key, levels)

    def before(self, paragraph: Paragraph) -> str:
        """What Word shows before a paragraph, with a space behind it: `3. `, `b) `, `- `; nothing outside lists."""
        place = _place(paragraph)
        key, levels = self._lists.get(place[0], ("", {})) if place else ("", {})
        if place is None or place[1] not in levels:
            return ""
        level = place[1]
        counts = self._counts.setdefault(key, [0] * LEVELS)
        counts[level] = counts[level] + 1 if counts[level] else levels[level][2]
        counts[level + 1 :] = [0] * (LEVELS - level - 1)
        form, text, _ = levels[level]
        if form in ("bullet", "none") or not text:
            return "- " if form == "bullet" else ""
        return f"{re.sub('%([1-9])', lambda match: _shown(counts, levels, int(match[1]) - 1), text)} "


def _shown(counts: list[int], levels: dict[int, tuple[str, str, int]], level: int) -> str:
    form, _, start = levels.get(level, ("decimal", "", 1))
    return _formatted(counts[level] or start, form)


def _formatted(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 400:
        roman = "".join(_roman(number))
        return roman if form == "lowerRoman" else roman.upper()
    return str(number)


def _roman(number: int) -> Iterator[str]:
    for value, letters in ROMAN.items():
        times, number = divmod(number, value)
        yield letters * times


def _numbering_parts(document: Document) -> Iterator[Any]:
    related = document.part.rels.values()
    parts = (one.target_part for one in related if one.reltype.endswith("/numbering") and not one.is_external)
    return (part for part in parts if hasattr(part, "element"))


def _levels(definition: Any) -> Iterator[tuple[int, tuple[str, str, int]]]:
    for level in definition.findall(qn("w:lvl")):
        place = _value(level, "ilvl")
        if place.isdecimal() and int(place) < LEVELS:
            form, text = _value(level.find(qn("w:numFmt"))), _value(level.find(qn("w:lvlText")))
            yield int(place), (form or "decimal", text[:40], _number(_value(level.find(qn("w:start"))), 1))


def _overridden(number: Any) -> Iterator[tuple[int, int]]:
    for one in number.findall(qn("w:lvlOverride")):
        start = one.find(qn("w:startOverride"))
        if start is not None:
            yield _number(_value(one, "ilvl"), 0), _number(_value(start), 1)


def _place(paragraph: Paragraph) -> tuple[str, int] | None:
    """List and level of a paragraph: its own, else its style's."""
    own = paragraph.paragraph_format.element.pPr
    styles: list[Any] = []
    style = paragraph.style
    while style is not None and len(styles) < LEVELS:
        styles.append(style.element.find(qn("w:pPr")))
        style = getattr(style, "base_style", None)
    for properties in (own, *styles):
        found = properties.find(qn("w:numPr")) if properties is not None else None
        if found is not None:
            level = _number(_value(found.find(qn("w:ilvl"))), 0)
            return _value(found.find(qn("w:numId"))), min(level, LEVELS - 1)
    return None


def _value(element: Any, attribute: str = "val") -> str:
    return "" if element is None else str(element.get(qn(f"w:{attribute}")) or "")


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default
