"""How good predictions are, class by class: recall, F1, area under the ROC curve, each with a 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grader.checks.scale import percent, wilson

Metric = Literal["accuracy", "recall", "f1", "auroc"]
Scores = NDArray[np.float32]
Classes = NDArray[np.int64]
_RESAMPLES = 200

NAMES: dict[Metric, str] = {
    "accuracy": "accuracy",
    "recall": "recall of the worst class",
    "f1": "F1, mean of the classes",
    "auroc": "AUROC, mean of the classes",
}


def recalls(chosen: Classes, labels: Classes) -> dict[int, tuple[int, int]]:
    """For each class how many of its images were recognised, and how many there are."""
    return {int(c): (int(np.sum(chosen[labels == c] == c)), int(np.sum(labels == c))) for c in np.unique(labels)}


def macro_f1(chosen: Classes, labels: Classes) -> float:
    """Mean over the classes of 2·TP / (2·TP + FP + FN)."""
    values = []
    for c in np.unique(labels):
        right = np.sum((chosen == c) & (labels == c))
        values.append(2 * right / (np.sum(chosen == c) + np.sum(labels == c)))
    return float(np.mean(values))


def macro_auroc(scores: Scores, labels: Classes) -> float:
    """Mean over the classes of the area under the ROC curve of class against rest.

    By ranks, as the statistic of Mann and Whitney (Hanley and McNeil 1982, "The meaning and use of the area under a ROC
    curve"); ties count half.
    """
    table = scores.reshape(len(scores), -1)
    columns = np.column_stack([-table[:, 0], table[:, 0]]) if table.shape[1] == 1 else table
    areas = [_area(columns[:, c], labels == c) for c in np.unique(labels)]
    return float(np.mean([area for area in areas if area is not None] or [0.5]))


def _area(scores: Scores, own: NDArray[np.bool_]) -> float | None:
    positive, negative = int(own.sum()), int((~own).sum())
    if not positive or not negative:
        return None
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[own].sum() - positive * (positive + 1) / 2) / (positive * negative))


def measured_by(metric: Metric, scores: Scores, chosen: Classes, labels: Sequence[int]) -> tuple[float, float, float]:
    """Value of a metric and the ends of its 95 % interval.

    Recall has Wilson's interval. F1 and AUROC have none in closed form for several classes: theirs is the range of 95 %
    of 200 resamples, drawn from a fixed seed so that the same trace gives the same grade.
    """
    truth = np.asarray(labels)
    if metric == "accuracy":
        correct = int(np.sum(chosen == truth))
        return correct / len(truth), *wilson(correct, len(truth))
    if metric == "recall":
        right, total = min(recalls(chosen, truth).values(), key=lambda pair: pair[0] / pair[1])
        return right / total, *wilson(right, total)
    if metric == "f1":
        return _resampled(lambda rows: macro_f1(chosen[rows], truth[rows]), len(truth))
    finite = np.where(np.isfinite(scores), scores, np.float32(0))
    return _resampled(lambda rows: macro_auroc(finite[rows], truth[rows]), len(truth))


def _resampled(value: Callable[[Classes], float], rows: int) -> tuple[float, float, float]:
    random = np.random.default_rng(0)
    drawn = [value(random.integers(0, rows, rows)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return value(np.arange(rows)), float(low), float(high)


def by_class(chosen: Classes, labels: Sequence[int]) -> str:
    """The recall of each class in a sentence, as `Recall by class: 0: 98.0 %, 1: 12.5 %`."""
    found = recalls(chosen, np.asarray(labels))
    return f"Recall by class: {', '.join(f'{c}: {percent(right / total)}' for c, (right, total) in found.items())}."
