"""Scoring: trace, rubric and the reference's trace in, grade out. No clock, no disk, no randomness.

evidence.py   what the checks of one question may look at
grade.py      one question, one criterion at a time
"""

from grader.score.grade import reference_evidence, score

__all__ = ["reference_evidence", "score"]
