"""A rubric of two questions and a trace of one hand-in, by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.records import Answer, Cell, CellRun, Environment, Observation, QuestionTrace, Submission, Trace, Value
from grader.rubric import Rubric, load_rubric

RUBRIC = """
assignment: tiny
title: A tiny assignment
questions:
  - id: q1
    title: Theory
    points: 4
    criteria:
      - {id: text, title: Your text, check: written, points: 4, with: {key_points: [weight sharing]}}
  - id: q2
    title: Practice
    points: 6
    criteria:
      - {id: runs, title: It runs, check: runs, points: 2, hint: Run all cells.}
      - {id: model, title: A model, check: architecture, points: 4, public: false, with: {compare: false, output: 10}}
"""
SOURCES = ("# 1. What is a CNN?", "It shares weights.", "# 2. Build one", "model = build()", "fit(model)")


@pytest.fixture
def rubric(tmp_path: Path) -> Rubric:
    path = tmp_path / "tiny.yaml"
    path.write_text(RUBRIC)
    return load_rubric(path)


@pytest.fixture
def trace() -> Callable[..., Trace]:
    def build(*, sources: tuple[str, ...] = SOURCES, **changes: Any) -> Trace:
        cells = tuple(Cell(i, "code" if i > 2 else "markdown", source) for i, source in enumerate(sources))
        questions = (
            QuestionTrace("q1", Answer("q1", (0, 1), "It shares weights.", 0.9)),
            QuestionTrace(
                "q2",
                Answer("q2", (2, 3, 4), "", 0.9),
                (CellRun(3, "ok", 1.0), CellRun(4, "ok", 2.0)),
                observation=Observation("q2", values=(Value("loss", "float"),)),
            ),
        )
        values: dict[str, Any] = {
            "schema": 1,
            "assignment": "tiny",
            "plan_hash": "",
            "profile": "quick",
            "submission": Submission("ada", "Ada", "ada.ipynb", cells, "digest"),
            "questions": questions,
            "environment": Environment(),
        }
        return Trace(**{**values, **changes})

    return build
