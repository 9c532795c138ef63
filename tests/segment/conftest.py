from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.records import Cell, Segmentation, Submission
from grader.rubric import Rubric, load_rubric
from grader.segment import Overrides, segment

RUBRICS = Path(__file__).parents[2] / "rubrics"


@pytest.fixture(scope="session")
def rubric_of() -> Callable[[str], Rubric]:
    return lambda name: load_rubric(RUBRICS / f"{name}.yaml")


@pytest.fixture(scope="session")
def hand_in() -> Callable[..., Submission]:
    """A hand-in from sources: `md:text`, `py:code`, `raw:text`."""
    kinds = {"md": "markdown", "py": "code", "raw": "raw"}

    def make(*cells: str, origin: str = "homework.ipynb") -> Submission:
        split = [cell.partition(":") for cell in cells]
        made = tuple(Cell(i, kinds[kind], text, origin=origin) for i, (kind, _, text) in enumerate(split))
        return Submission("alice-1", "Alice", origin, made, "digest")

    return make


@pytest.fixture(scope="session")
def placed(rubric_of, hand_in) -> Callable[..., Segmentation]:
    def place(*cells: str, rubric: str = "cnn-architectures", overrides: Overrides | None = None) -> Segmentation:
        return segment(hand_in(*cells), rubric_of(rubric), overrides or Overrides())

    return place
