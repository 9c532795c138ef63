"""The model that a question is about."""

from __future__ import annotations

from grader.checks.absence import observed
from grader.records import Evidence, Model


def find(evidence: Evidence, name: str | None) -> Model | None:
    """The model to judge: the named one, else the largest of the trained ones, else the largest."""
    models = [m for m in observed(evidence).models if name is None or name in (m.name, m.class_name)]
    return max(models, key=lambda m: (m.trained, m.parameters, len(m.layers)), default=None)
