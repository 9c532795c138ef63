"""The check `after_hand_in`: stands in student editions for what only the instructor's rubric can judge."""

from __future__ import annotations

from grader.checks.registry import Parameters, check
from grader.records import Evidence, Verdict


class AfterHandInParameters(Parameters):
    """It has no parameters."""


@check("after_hand_in")
def after_hand_in(evidence: Evidence, parameters: AfterHandInParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """What is graded after you hand in?

    This criterion needs what only your instructor has: a reference solution, labels, or thresholds. `grader pack` puts
    it into student editions; no points are given or taken before you hand in.
    """
    return Verdict(None, "Graded after hand-in: what it takes is not on your machine.")
