"""The whole tree of errors, ordered by who must act. `grader.cli` is the one place that prints them."""

from __future__ import annotations


class GraderError(Exception):
    """Something a person must do something about.

    Args:
        message: What happened and where, in one line.
        remedy: What to do about it, in one line.
    """

    exit_code = 70

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


class SubmissionError(GraderError):
    """A hand-in that cannot be graded as it is. The student acts; the rest of the batch goes on."""

    exit_code = 1


class RubricError(GraderError):
    """A rubric, a reference or a check that is wrong. The instructor acts."""

    exit_code = 4


class OperatorError(GraderError):
    """The machine, its sandbox, its disk or the command line. Whoever runs the grader acts."""

    exit_code = 5
