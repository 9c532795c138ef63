"""Segmentation -> the question map: which cells were taken as the answer to which question, how sure, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.records import Answer, Cell, CellKind, Note, Segmentation, Submission
from grader.report import wording
from grader.report.clean import clean, one_line
from grader.report.page import render

BEFORE_OR_BETWEEN = "code outside all answers: imports and helpers"
IN_NO_ANSWER = "in no answer"


@dataclass(frozen=True, slots=True)
class MappedCell:
    """One cell as the map shows it.

    Attributes:
        index: Its place in the hand-in.
        kind: Code, markdown or raw.
        questions: Ids of the questions that it answers.
        shared: Whether it is code for all of them.
        confidence: How sure that is, from 0 to 1; 0 for cells in no answer.
        reason: Why.
        source: Its text.
    """

    index: int
    kind: CellKind
    questions: tuple[str, ...]
    shared: bool
    confidence: float
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class QuestionMap:
    """The map of one hand-in.

    Attributes:
        student: Name to show.
        file: File to show.
        assignment: Title of the assignment.
        titles: Titles of the questions in order.
        answers: One per question, with the cells that the hand-in itself has.
        cells: All cells of the hand-in in order.
        repairs: What was repaired or left out while reading.
        remarks: Sentences about the hand-in as a whole.
    """

    student: str
    file: str
    assignment: str
    titles: tuple[str, ...]
    answers: tuple[Answer, ...]
    cells: tuple[MappedCell, ...]
    repairs: tuple[Note, ...]
    remarks: tuple[str, ...]


def question_map(submission: Submission, segmentation: Segmentation, title: str, titles: Sequence[str]) -> QuestionMap:
    """The map of a hand-in. Code found in the text of a cell counts as that cell.

    Args:
        submission: The hand-in.
        segmentation: Its answers.
        title: Of the assignment.
        titles: Of its questions, in order.
    """
    own = [cell for cell in submission.cells if cell.parent is None]
    indices = {cell.index for cell in own}
    answers = tuple(
        Answer(one.question, tuple(c for c in one.cells if c in indices), one.text, one.confidence, one.reason)
        for one in segmentation.answers
    )
    return QuestionMap(
        submission.student,
        submission.file,
        title,
        tuple(titles),
        answers,
        tuple(_mapped(cell, answers, cell.index in segmentation.shared) for cell in own),
        tuple(note for note in submission.notes if note.kind != "remark"),
        tuple(note.message for note in submission.notes if note.kind == "remark"),
    )


def _mapped(cell: Cell, answers: Sequence[Answer], shared: bool) -> MappedCell:
    owners = [answer for answer in answers if cell.index in answer.cells]
    reason = "; ".join(dict.fromkeys(owner.reason for owner in owners))
    return MappedCell(
        cell.index,
        cell.kind,
        tuple(owner.question for owner in owners),
        shared,
        min((owner.confidence for owner in owners), default=0.0),
        reason or (BEFORE_OR_BETWEEN if shared else IN_NO_ANSWER),
        cell.source,
    )


def question_map_data(shown: QuestionMap) -> dict[str, object]:
    """The map as plain data, for `grader inspect --json`."""
    return {
        "cells": [
            {
                "index": cell.index,
                "kind": cell.kind,
                "questions": list(cell.questions),
                "shared": cell.shared,
                "confidence": cell.confidence,
                "reason": cell.reason,
            }
            for cell in shown.cells
        ],
        "questions": {answer.question: list(answer.cells) for answer in shown.answers},
        "repairs": [
            {"kind": note.kind, "message": note.message, "subject": note.subject, "cell": note.cell}
            for note in shown.repairs
        ],
    }


def question_map_page(shown: QuestionMap) -> str:
    """The map as one self-contained page."""
    return render(
        "question_map.html",
        map=shown,
        questions=list(zip(shown.answers, shown.titles, strict=True)),
        excerpt=_excerpt,
    )


def print_question_map(console: Console, shown: QuestionMap) -> None:
    """The map on a terminal or in a log."""
    console.print(Text(f"{one_line(shown.student, 80)}: {one_line(shown.file, 120)}", style="bold"))
    console.print(_table(shown))
    found = sum(bool(answer.cells) for answer in shown.answers)
    console.print(Text(f"Found:     {found} of {wording.count(len(shown.answers), 'question')}"))
    for name, cells in (("Shared:   ", _shared(shown)), ("No answer:", _loose(shown))):
        if cells:
            console.print(Text(f"{name} {wording.cells(cells)}"))
    for note in shown.repairs:
        console.print(Text(f"{wording.note_kind(note)}: {one_line(note.message, 300)}"))
    for remark in shown.remarks:
        console.print(Text(one_line(remark, 500), style="bold yellow"))


def _table(shown: QuestionMap) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("Question", overflow="fold", max_width=34)
    table.add_column("Cells", overflow="fold", max_width=18)
    table.add_column("Sure", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for answer, title in zip(shown.answers, shown.titles, strict=True):
        name = Text.assemble((answer.question, "bold"), f" {one_line(title, 60)}")
        cells = wording.cells(answer.cells).partition(" ")[2] if answer.cells else "-"
        sure = Text(wording.confidence(answer) if answer.cells else "not found", style=_style(answer))
        table.add_row(name, Text(cells), sure, Text(one_line(answer.reason, 160)))
    return table


def _style(answer: Answer) -> str:
    return "" if answer.cells and not answer.unsure else "yellow"


def _shared(shown: QuestionMap) -> list[int]:
    return [cell.index for cell in shown.cells if cell.shared]


def _loose(shown: QuestionMap) -> list[int]:
    return [cell.index for cell in shown.cells if not cell.shared and not cell.questions]


def _excerpt(cell: MappedCell) -> str:
    """The first lines of a cell."""
    lines = clean(cell.source, 400).strip().split("\n")
    return "\n".join([*lines[:3], *(["…"] if len(lines) > 3 else [])])
