"""Cell accuracy on small documents in the styles in which students really write.

Each file of `documents/` names its rubric and then gives cells: `@md q1` is a markdown cell that answers q1,
`@py shared` code before the first question, `@md -` a cell of no answer, `@md q1 q2` one that several answers share.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.records import Cell, CellKind, Segmentation, Submission
from grader.rubric import load_rubric
from grader.segment import segment

HERE = Path(__file__).parent
DOCUMENTS = sorted((HERE / "documents").glob("*.txt"))
KINDS: dict[str, CellKind] = {"md": "markdown", "py": "code", "raw": "raw"}


def read(document: Path) -> tuple[str, list[set[str]], Submission]:
    rubric, *parts = re.split(r"^@(?=rubric|md|py|raw)", document.read_text(), flags=re.MULTILINE)[1:]
    owners: list[set[str]] = []
    cells: list[Cell] = []
    for index, part in enumerate(parts):
        head, _, source = part.partition("\n")
        kind, *names = head.split()
        owners.append(set(names) - {"-"})
        cells.append(Cell(index, KINDS[kind], source.rstrip("\n"), origin="hand-in.ipynb"))
    return rubric.split()[1], owners, Submission("s", "s", "hand-in.ipynb", tuple(cells), "digest")


def owners_of(segmentation: Segmentation, cell: int) -> set[str]:
    names = {answer.question for answer in segmentation.answers if cell in answer.cells}
    return names | ({"shared"} if cell in segmentation.shared else set())


def wrong_cells(document: Path) -> tuple[list[str], int]:
    name, expected, submission = read(document)
    segmentation = segment(submission, load_rubric(HERE / "rubrics" / f"{name}.yaml"))
    found = [owners_of(segmentation, cell.index) for cell in submission.cells]
    pairs = enumerate(zip(expected, found, strict=True))
    return [f"cell {i}: expected {sorted(e)}, found {sorted(f)}" for i, (e, f) in pairs if e != f], len(found)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_cell_of_a_document_goes_to_its_question(document: Path) -> None:
    wrong, _ = wrong_cells(document)
    assert not wrong, "\n".join(wrong)


def test_at_least_fifteen_styles_are_measured_and_98_percent_of_cells_are_right() -> None:
    results = [wrong_cells(document) for document in DOCUMENTS]
    accuracy = 1 - sum(len(wrong) for wrong, _ in results) / sum(total for _, total in results)
    assert len(DOCUMENTS) >= 15
    assert accuracy >= 0.98, f"{accuracy:.1%} of cells"
