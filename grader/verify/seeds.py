"""Thresholds from evidence: the reference trained with several seeds, and what follows from the spread. Pure.

- An accuracy (or recall, F1, AUROC): `full_credit` lies as far below the lowest run as the highest lies above it, so
  that a right answer with an unlucky seed gets everything; `no_credit` lies a third of the way from guessing up to it.
- A time as a ratio to the reference: all points up to twice the spread of the reference's own runs (the slowest by the
  fastest), and at least 3 times; none from three times that.
- Bounds: four times the slowest run, at least 60 s, because students' machines and code are slower than the author's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from grader.records import Grade, Measurement
from grader.rubric import Criterion, Rubric

MEASURED = frozenset(("accuracy", "timing"))
SLOWER = 4  # times the reference: what students' own runs may take
LEAST_SECONDS = 60
LEAST_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Spread:
    """What one criterion, or the time of one question, was with each seed.

    Attributes:
        question: Id of the question.
        criterion: Id of the criterion; empty for the time of the question.
        name: What was measured.
        values: One per seed.
        proposed: Keys of the rubric and the values that are proposed.
        now: What the rubric says now.
    """

    question: str
    criterion: str
    name: str
    values: tuple[float, ...]
    proposed: Mapping[str, float]
    now: Mapping[str, float]

    @property
    def words(self) -> str:
        """Mean and range."""
        values = self.values
        return f"{self.name}: mean {fmean(values):.3g}, {min(values):.3g} to {max(values):.3g} over {len(values)} seeds"


def needs_seeds(rubric: Rubric, questions: Sequence[str]) -> bool:
    """Whether something in these questions has a threshold that a run can be measured against."""
    return any(c.check in MEASURED for q in questions for c in rubric.question(q).criteria)


def spreads(
    rubric: Rubric, grades: Mapping[str, Sequence[Grade]], labels: Mapping[str, tuple[int, ...]]
) -> Iterator[Spread]:
    """What to propose.

    Args:
        rubric: The rubric.
        grades: For each question the grades of the reference, one per seed.
        labels: Held-out labels by data set.
    """
    for question, found in grades.items():
        graded = [next(q for q in grade.questions if q.id == question) for grade in found]
        for criterion in rubric.question(question).criteria:
            exhibits = [c.verdict.exhibits for q in graded for c in q.criteria if c.id == criterion.id]
            shown = [e for all_ in exhibits for e in all_ if isinstance(e, Measurement) and e.measured is not None]
            if criterion.check in MEASURED and shown:
                yield _of_criterion(question, criterion, shown, labels)
        seconds = tuple(q.seconds for q in graded)
        bound = float(max(LEAST_SECONDS, math.ceil(SLOWER * max(seconds) / 10) * 10))
        yield Spread(question, "", "seconds of its cells", seconds, {"cell_seconds": bound}, {})


def _of_criterion(
    question: str, criterion: Criterion, shown: Sequence[Measurement], labels: Mapping[str, tuple[int, ...]]
) -> Spread:
    values = tuple(float(one.measured or 0.0) for one in shown)
    now = {"no_credit": shown[0].no_credit or 0.0, "full_credit": shown[0].full_credit or 0.0}
    if criterion.check == "timing":
        now["at_most"] = now.pop("full_credit")
        return Spread(question, criterion.id, "ratio to the first run", values, ratio_thresholds(values), now)
    usual = labels.get(str(getattr(criterion.parameters, "data", "")), ())
    guess = guessing(usual, str(getattr(criterion.parameters, "metric", "accuracy")))
    name = f"{shown[0].name} (guessing gives {guess:.2f})"
    return Spread(question, criterion.id, name, values, accuracy_thresholds(values, guess), now)


def accuracy_thresholds(values: Sequence[float], guess: float) -> dict[str, float]:
    """`no_credit` and `full_credit` of accuracies between 0 and 1."""
    full = _floor(max(min(values) - (max(values) - min(values)), guess))
    return {"no_credit": _floor(guess + (full - guess) / 3), "full_credit": full}


def ratio_thresholds(values: Sequence[float]) -> dict[str, float]:
    """`at_most` and `no_credit` of times as a ratio to the reference."""
    full = max(LEAST_RATIO, float(math.ceil(2 * max(values) / min(values))))
    return {"at_most": full, "no_credit": 3 * full}


def guessing(labels: Sequence[int], metric: str) -> float:
    """What the best constant answer gets: the share of the usual class; of other metrics what they give a guess."""
    if metric == "auroc":
        return 0.5
    if not labels:
        return 0.0
    counts = Counter(labels)
    return counts.most_common(1)[0][1] / len(labels) if metric == "accuracy" else 1 / len(counts)


def _floor(value: float) -> float:
    return math.floor(100 * value + 1e-9) / 100
