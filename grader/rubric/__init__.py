"""The rubric: one YAML file, validated once, at the border.

    source.py   text -> plain values, and the line of each key
    models.py   what a rubric may hold: `Rubric`, `Question`, `Criterion`, `Limits`, `LatePolicy`
    wording.py  pydantic's errors in the words of a rubric
    load.py     file -> `Rubric`, or every mistake with its line
    known.py    the other rubrics beside one
    schema.py   its JSON Schema for editors, kept as schema.json
    plan.py     what the rubric makes the probe observe

`load_rubric` is the way in.
"""

from grader.rubric.known import beside
from grader.rubric.load import load_rubric
from grader.rubric.models import AwareTime, Criterion, LatePolicy, Limits, Question, Rubric, nearest
from grader.rubric.plan import plan, plan_hash
from grader.rubric.source import Problem, Source, read_source

__all__ = [
    "AwareTime",
    "Criterion",
    "LatePolicy",
    "Limits",
    "Problem",
    "Question",
    "Rubric",
    "Source",
    "beside",
    "load_rubric",
    "nearest",
    "plan",
    "plan_hash",
    "read_source",
]
