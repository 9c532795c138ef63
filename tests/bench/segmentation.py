"""How many cells and questions of the corpus the segmentation gets right. Run it: `python tests/bench/segmentation.py`.

Documents in `tests/segment/corpus/` are either written down in a plain form (`*.txt`), from which a real notebook is
made, or real files (`.py`, `.md`, `.html` ...) with their labels beside them (`name.labels`).

Plain form: `@rubric cnn-basics`, then cells: `@md q1` is a markdown cell that answers q1, `@py shared` code for all,
`@md -` a cell of no answer, `@md q1 q2` one that several answers share. Labels of a real file: one line per cell,
`0 shared`, `1 q1 q2`, `2 -`, after the line `rubric cnn-basics`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader.ingest import find, ingest
from grader.records import Segmentation, Submission
from grader.rubric import load_rubric
from grader.segment import segment

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "segment" / "corpus"
MAKE = {
    "md": nbformat.v4.new_markdown_cell,
    "py": nbformat.v4.new_code_cell,
    "raw": nbformat.v4.new_raw_cell,
}


@dataclass(frozen=True)
class Result:
    """What came of one document: its cells, the wrong ones in words, and questions."""

    document: str
    cells: int
    wrong: tuple[str, ...]
    questions: int
    right_questions: int


def documents() -> list[Path]:
    """All documents of the corpus."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix != ".labels")


def measure(document: Path) -> Result:
    """Read a document as a hand-in, place its cells, and compare with the labels."""
    with tempfile.TemporaryDirectory() as folder:
        rubric, labels, file = (_written_down if document.suffix == ".txt" else _real)(document, Path(folder))
        submission = ingest(find([file])[0])
    questions = load_rubric(ROOT / "rubrics" / f"{rubric}.yaml")
    return compare(document.name, labels, submission, segment(submission, questions))


def compare(name: str, labels: list[set[str]], submission: Submission, found: Segmentation) -> Result:
    """Labels against what was found."""
    own = [cell for cell in submission.cells if cell.parent is None]
    assert len(own) == len(labels), f"{name}: {len(labels)} labels for {len(own)} cells"
    places = [_owners(found, cell.index) for cell in own]
    wrong = tuple(
        f"{name}, cell {cell.index}: expected {sorted(label)}, found {sorted(place)}"
        for cell, label, place in zip(own, labels, places, strict=True)
        if label != place
    )
    named = set().union(*labels, *places) - {"shared"}
    right = sum(_cells_of(labels, question) == _cells_of(places, question) for question in named)
    return Result(name, len(own), wrong, len(named), right)


def summary(results: list[Result]) -> dict[str, float | int]:
    """The numbers of a run."""
    cells, questions = sum(r.cells for r in results), sum(r.questions for r in results)
    return {
        "documents": len(results),
        "cells": cells,
        "cell_accuracy": 1 - sum(len(r.wrong) for r in results) / cells,
        "questions": questions,
        "question_accuracy": sum(r.right_questions for r in results) / questions,
    }


def _owners(found: Segmentation, cell: int) -> set[str]:
    names = {answer.question for answer in found.answers if cell in answer.cells}
    return names | ({"shared"} if cell in found.shared else set())


def _cells_of(places: list[set[str]], question: str) -> list[int]:
    return [index for index, place in enumerate(places) if question in place]


def _written_down(document: Path, folder: Path) -> tuple[str, list[set[str]], Path]:
    head, *parts = re.split(r"^@(?=rubric|md|py|raw)", document.read_text("utf-8"), flags=re.MULTILINE)[1:]
    cells, labels = [], []
    for part in parts:
        first, _, source = part.partition("\n")
        kind, *names = first.split()
        cells.append(MAKE[kind](source.rstrip("\n")))
        labels.append(set(names) - {"-"})
    file = folder / "homework.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
    return head.split()[1], labels, file


def _real(document: Path, _: Path) -> tuple[str, list[set[str]], Path]:
    head, *lines = document.with_name(document.name + ".labels").read_text("utf-8").splitlines()
    return head.split()[1], [set(line.split()[1:]) - {"-"} for line in lines], document


def main() -> Iterator[str]:
    """The lines to print; with `--json FILE` the numbers go there, too."""
    begin = time.perf_counter()
    results = [measure(document) for document in documents()]
    numbers = summary(results) | {"seconds": time.perf_counter() - begin}
    yield from (wrong for result in results for wrong in result.wrong)
    yield f"cell accuracy:     {numbers['cell_accuracy']:.2%} of {numbers['cells']} cells"
    yield f"question accuracy: {numbers['question_accuracy']:.2%} of {numbers['questions']} questions"
    yield f"{numbers['documents']} documents in {numbers['seconds']:.1f} s"
    if "--json" in sys.argv:
        file = Path(sys.argv[sys.argv.index("--json") + 1])
        others = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps(others | {"segmentation": numbers}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in main())
