from __future__ import annotations

import numpy as np
import pytest

from grader.checks.metrics import by_class, macro_auroc, macro_f1, measured_by, recalls

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 4, 300)
SCORES = (RANDOM.random((300, 4)) + 0.8 * np.eye(4)[LABELS]).round(1).astype(np.float32)  # rounded: with ties
CHOSEN = SCORES.argmax(axis=1)


@pytest.mark.data
def test_they_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score, recall_score, roc_auc_score

    assert macro_f1(CHOSEN, LABELS) == pytest.approx(f1_score(LABELS, CHOSEN, average="macro"))
    areas = [roc_auc_score(c == LABELS, SCORES[:, c]) for c in range(4)]
    assert macro_auroc(SCORES, LABELS) == pytest.approx(np.mean(areas))
    expected = recall_score(LABELS, CHOSEN, average=None)
    assert [right / total for right, total in recalls(CHOSEN, LABELS).values()] == pytest.approx(expected)


@pytest.mark.parametrize("metric", ["accuracy", "recall", "f1", "auroc"])
def test_the_interval_holds_the_value_and_is_the_same_each_time(metric: str) -> None:
    value, low, high = measured_by(metric, SCORES, CHOSEN, LABELS.tolist())
    assert low < value < high
    assert measured_by(metric, SCORES, CHOSEN, LABELS.tolist()) == (value, low, high)


def test_a_class_that_is_never_found_shows() -> None:
    blind = np.where(CHOSEN == 3, 0, CHOSEN)
    assert measured_by("recall", SCORES, blind, LABELS.tolist())[0] == 0.0
    assert "3: 0.0 %" in by_class(blind, LABELS.tolist())


def test_one_output_for_two_classes() -> None:
    assert macro_auroc(np.array([[0.1], [0.4], [0.35], [0.8]], np.float32), np.array([0, 0, 1, 1])) == 0.75
