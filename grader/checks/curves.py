"""Whether drawn curves are those of the recorded training: the right numbers under the right names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.checks import code
from grader.checks.absence import observed
from grader.records import Axes, Evidence, Line, Place, Training

Side = Literal["training", "validation", ""]
Quantity = Literal["loss", "accuracy", ""]
_TRAINING = re.compile(r"\b(?:train|training|tr)\b")
_VALIDATION = re.compile(r"\b(?:val|valid|validation|test|testing|held|dev)\b")
_LOSS, _ACCURACY = re.compile(r"\b(?:loss|cost|error)\b"), re.compile(r"\b(?:acc|accuracy|accuracies)\b")
_EXACT = 1e-3
_NEAR = 0.25  # a student's own mean loss may be that of the last batches, or weighted by their sizes


@dataclass(frozen=True, slots=True)
class Agreement:
    """What comparing curves with the recorded training gave.

    Attributes:
        share: Of the curves that could be compared.
        text: What was seen.
        fatal: Nothing else of the figure counts then.
        place: Where a curve is typed in.
    """

    share: float
    text: str
    fatal: bool = False
    place: Place | None = None


def agreement(axes: Axes, lines: Sequence[Line], evidence: Evidence) -> Agreement:
    """Compare the curves of one pair of axes with what was recorded while the student's code trained.

    Keras keeps the history of all metrics, so each curve must be in it. In PyTorch the training loss is recorded, and
    accuracies where outputs and labels were seen: curves that by their names or the axis are these must be near them.
    No curve may stand as a row of numbers in the code, and none under the name of the other side.
    """
    typed = {row: where for row, where in code.literal_rows(evidence) if len(row) > 2}
    by_hand = next((typed[line.y] for line in lines if line.y in typed), None)
    if by_hand:
        return Agreement(0.0, f"a curve is typed in by hand ({by_hand})", fatal=True, place=by_hand)
    recorded = _recorded(evidence)
    if not recorded:
        return Agreement(0.0, "no recorded training with which the curves could agree", fatal=True)
    keras = all(t.framework == "keras" for t in trainings(evidence))
    if swapped := next((line for line in lines if _swapped(line, axes, recorded, keras)), None):
        text = f"the curve “{swapped.label}” is not the one that its label says: it is that of the other pictures"
        return Agreement(0.0, text, fatal=True)
    judged = [(line, known) for line in lines if (known := _candidates(line, axes, recorded, keras))]
    right = sum(any(_follows(line.y, values, _EXACT if keras else _NEAR) for values in known) for line, known in judged)
    if not judged:
        return Agreement(1.0, "the curves are computed, not typed in")
    if right < len(judged) and not keras and any(t.cut for t in trainings(evidence)):
        # Sums of what ran, divided by what would have run, are nobody's mistake.
        return Agreement(1.0, "the curves are computed; they were not compared, because the training was cut short")
    return Agreement(right / len(judged), f"{right} of {len(judged)} curves agree with the recorded training")


def trainings(evidence: Evidence) -> tuple[Training, ...]:
    """Those of the question; where it only draws, those of the questions before it."""
    return observed(evidence).trainings or evidence.earlier


def named_otherwise(drawn: Sequence[Axes], words: Sequence[str], evidence: Evidence) -> bool:
    """Whether a curve is a recorded one whose name has none of the words, as the accuracy where a loss is asked for."""
    recorded = _recorded(evidence).items()
    others = [row for name, rows in recorded if not any(w.casefold() in name for w in words) for row in rows]
    lines = [line for axes in drawn for line in axes.lines if len(line.y) > 1]
    return any(_follows(line.y, row, _EXACT) for line in lines for row in others)


def _recorded(evidence: Evidence) -> dict[str, list[tuple[float, ...]]]:
    """What was recorded per epoch, by name: stage by stage, and of several stages also one after the other."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for training in (t for t in trainings(evidence) if t.changed):
        for name, values in training.history.items():
            found.setdefault(name, []).append(values)
    return {name: [*rows, sum(rows, ())] if len(rows) > 1 else rows for name, rows in found.items() if any(rows)}


def _candidates(
    line: Line, axes: Axes, recorded: dict[str, list[tuple[float, ...]]], keras: bool
) -> list[tuple[float, ...]]:
    """The recorded rows that a curve may be; none where such a one was not recorded."""
    if keras:
        return [row for rows in recorded.values() for row in rows]
    side, quantity = _side(line), _quantity(line, axes)
    names = [n for n in recorded if _fits(n, side, quantity)] if quantity else []
    # Nobody recorded a validation loss; without a side it may be that one.
    whole = quantity == "accuracy" or side == "training" or not side
    return [row for name in names for row in recorded[name]] if whole else []


def _fits(name: str, side: Side, quantity: Quantity) -> bool:
    of_side = not side or (side == "validation") == name.startswith("val_")
    return of_side and quantity == _quantity_in(name)


def _swapped(line: Line, axes: Axes, recorded: dict[str, list[tuple[float, ...]]], keras: bool) -> bool:
    """Whether a curve is exactly the other side's and not its own."""
    side = _side(line)
    if not side:
        return False
    own: list[tuple[float, ...]] = []
    other: list[tuple[float, ...]] = []
    for name, rows in recorded.items():
        if _quantity(line, axes) in ("", _quantity_in(name)):
            (own if (side == "validation") == name.startswith("val_") else other).extend(rows)
    follows = [any(_follows(line.y, row, _EXACT) for row in rows) for rows in (own, other)]
    return (keras or bool(own)) and follows == [False, True]


def _side(line: Line) -> Side:
    label = _plain(line.label)
    if _VALIDATION.search(label):
        return "validation"
    return "training" if _TRAINING.search(label) else ""


def _quantity(line: Line, axes: Axes) -> Quantity:
    """What a curve shows, by its own name, else by the axis, else by the title."""
    found = (_quantity_in(text) for text in (line.label, axes.ylabel, axes.title))
    return next(filter(None, found), "")


def _quantity_in(text: str) -> Quantity:
    label = _plain(text)
    loss, accuracy = bool(_LOSS.search(label)), bool(_ACCURACY.search(label))
    return "" if loss == accuracy else "loss" if loss else "accuracy"


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold())


def _follows(drawn: Sequence[float], recorded: Sequence[float], near: float) -> bool:
    """Whether a curve is a recorded one, possibly in per cent, or its beginning where the budget cut the rest."""
    length = min(len(drawn), len(recorded))
    if not length:
        return False
    one, other = np.asarray(drawn[:length]), np.asarray(recorded[:length])
    return any(np.allclose(one, factor * other, rtol=near, atol=near * 1e-2) for factor in (1, 100))
