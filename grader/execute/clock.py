"""The clocks of a run: that of the cell, of the question and of the submission. Whichever ends first ends the cell."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from grader.records import LimitHit
from grader.rubric import Limits

Scope = Literal["cell", "question", "submission"]


@dataclass
class Clocks:
    """How long the submission and its current question have been running.

    Attributes:
        limits: Bounds of the run.
        started: When the submission began, on the monotonic clock.
        question: Seconds that the cells of the current question have taken.
    """

    limits: Limits
    started: float = field(default_factory=time.monotonic)
    question: float = 0.0

    def left(self) -> tuple[float, Scope]:
        """Seconds that the next cell may take, and which clock says so."""
        of_question = self.limits.question_seconds
        bounds: list[tuple[float, Scope]] = [
            (self.limits.cell_seconds, "cell"),
            (self.submission_left(), "submission"),
        ]
        if of_question is not None:
            bounds.append((of_question - self.question, "question"))
        return min(bounds)

    def submission_left(self) -> float:
        """Seconds that the submission may still take."""
        return self.limits.submission_seconds - (time.monotonic() - self.started)

    def hit(self, scope: Scope, cell: float) -> LimitHit:
        """That a clock has run out, with its numbers.

        Args:
            scope: Which one.
            cell: Seconds that the cell has taken and that are not yet counted to its question.
        """
        measured, limit = {
            "cell": (cell, self.limits.cell_seconds),
            "question": (self.question + cell, self.limits.question_seconds or 0.0),
            "submission": (time.monotonic() - self.started, self.limits.submission_seconds),
        }[scope]
        return LimitHit("time", round(measured, 1), limit, "s", scope=scope)
