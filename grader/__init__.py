"""Grades deep-learning homework: runs hand-ins in a sandbox, looks at the models they build, writes feedback.

import grader
grade = grader.grade("alice.ipynb", rubric="rubrics/cnn-architectures.yaml")
grade.points, grade.max_points, grade.questions[5].criteria[0].verdict.rationale
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.pipeline import grade

__all__ = ["grade"]


def __getattr__(name: str) -> object:
    # Lazy, because the probe is a part of this package too and must start without any of it.
    if name == "grade":
        from grader.pipeline import grade

        return grade
    raise AttributeError(f"module 'grader' has no attribute '{name}'")
