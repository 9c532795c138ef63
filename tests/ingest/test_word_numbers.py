from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from grader.ingest.word import read_word


def element(tag: str, value: object = None, **more: object) -> Any:
    made = OxmlElement(f"w:{tag}")
    for name, text in (({"val": value} if value is not None else {}) | more).items():
        made.set(qn(f"w:{name}"), str(text))
    return made


def listed(document: Any, text: str, number: int, level: int = 0) -> None:
    """A paragraph of a numbered list, as Word stores it: the number is not in its text."""
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    chosen = element("numPr")
    chosen.append(element("ilvl", level))
    chosen.append(element("numId", number))
    properties.append(chosen)


def defined(
    document: Any, name: int, *levels: tuple[str, str], start: int | None = None, like: int | None = None
) -> None:
    """A list definition of formats and texts per level, and a list `name` that uses it, or that of another list."""
    root = document.part.numbering_part.element
    if like is None:
        definition = element("abstractNum", abstractNumId=900 + name)
        for place, (form, text) in enumerate(levels):
            level = element("lvl", ilvl=place)
            level.extend([element("start", 1), element("numFmt", form), element("lvlText", text)])
            definition.append(level)
        root.insert(0, definition)
    number = element("num", numId=name)
    number.append(element("abstractNumId", 900 + (like or name)))
    if start is not None:
        override = element("lvlOverride", ilvl=0)
        override.append(element("startOverride", start))
        number.append(override)
    root.append(number)


def text_of(document: Any, folder: Path) -> str:
    document.save(str(folder / "hw.docx"))
    return "\n".join(cell.source for cell in read_word(folder / "hw.docx", "hw.docx")[0])


def test_numbers_that_word_counts_are_there(tmp_path: Path) -> None:
    document = docx.Document()
    defined(document, 50, ("decimal", "Q%1."))
    for text in ("What is a CNN?", "What is pooling?", "What is a filter?"):
        listed(document, text, 50)
        document.add_paragraph("It is explained here.")
    text = text_of(document, tmp_path)
    assert [line for line in text.split("\n") if "What" in line] == [
        "Q1. What is a CNN?",
        "Q2. What is pooling?",
        "Q3. What is a filter?",
    ]


def test_levels_formats_and_lists_that_begin_again(tmp_path: Path) -> None:
    document = docx.Document()
    defined(document, 50, ("upperRoman", "%1."), ("lowerLetter", "%2)"), ("decimal", "%1.%2.%3"), ("bullet", "o"))
    defined(document, 51, start=4, like=50)
    for level in (0, 1, 1, 2, 0, 1, 3):
        listed(document, f"level {level}", 50, level)
    listed(document, "again", 51)
    text = text_of(document, tmp_path)
    shown = [line for line in text.split("\n") if line.strip()]
    assert shown == [
        "I. level 0",
        "a) level 1",
        "b) level 1",
        "I.b.1 level 2",
        "II. level 0",
        "a) level 1",
        "- level 3",
        "IV. again",
    ]


def test_numbers_of_a_style_count_too(tmp_path: Path) -> None:
    document = docx.Document()
    for text in ("first", "second"):
        document.add_paragraph(text, style="List Number")
    assert text_of(document, tmp_path) == "1. first\n2. second"


@pytest.mark.parametrize("number", [0, 77, -1])
def test_a_list_that_is_not_defined_shows_nothing(tmp_path: Path, number: int) -> None:
    document = docx.Document()
    listed(document, "alone", number, level=12)
    assert text_of(document, tmp_path) == "alone"
