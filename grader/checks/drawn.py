"""Whether what is drawn is what was computed: curves of the recorded training, pictures of the network's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from grader.checks import code
from grader.checks.absence import observed
from grader.records import Axes, Evidence, Figure, Line, Training

Shows = Literal["filters", "maps"]
_ALIKE = 0.95  # correlation of two signatures of 16 numbers; noise reaches it once in ten million times
_HELD_OUT, _TRAINING = {"val", "valid", "validation", "test", "testing"}, {"train", "training"}
_NEAR = 0.25  # a student's mean loss may be that of the last batches, or weighted by their sizes


def only(drawn: Figure, wanted: Shows, evidence: Evidence) -> Figure:
    """The figure without the pictures that are not the network's filters or maps, whatever their scale."""
    known = _known(wanted, evidence)
    kept = [
        replace(axes, pictures=tuple(p for p in axes.pictures if p.high <= p.low or _alike(p.signature, known)))
        for axes in drawn.axes
    ]
    return replace(drawn, axes=tuple(kept))


def _known(wanted: Shows, evidence: Evidence) -> Any:
    rows = [
        signature
        for pictures in observed(evidence).layer_pictures
        for variants in (pictures.filters if wanted == "filters" else pictures.maps)
        for signature in variants
        if len(signature) == 16
    ]
    return _centred(np.asarray(rows, dtype=float).reshape(-1, 16))


def _centred(rows: Any) -> Any:
    """Rows of mean 0 and length 1: the product of two is their correlation. Constant rows become 0."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def _alike(signature: Sequence[float], known: Any) -> bool:
    if len(signature) != 16 or not len(known):
        return False
    return bool(np.max(known @ _centred(np.asarray(signature, dtype=float).reshape(1, 16))[0]) >= _ALIKE)


def agreement(lines: Sequence[Line], evidence: Evidence) -> tuple[float, str, bool]:
    """Share of the curves that may be those of the training, what was seen, and whether nothing else counts then.

    Keras keeps the history of all metrics, so each curve must be in it. In PyTorch only the training loss is recorded:
    a curve that is called so must be near it, and none may stand as a row of numbers in the code.
    """
    typed = {row: where for row, where in code.literal_rows(evidence) if len(row) > 2}
    by_hand = next((typed[line.y] for line in lines if line.y in typed), "")
    if by_hand:
        return 0.0, f"a curve is typed in by hand ({by_hand})", True
    histories = [values for _, values in _histories(evidence)]
    if not histories:
        return 0.0, "no recorded training with which the curves could agree", True
    keras = all(t.framework == "keras" for t in trainings(evidence))
    if swapped := next((line for line in lines if keras and _is_the_other(line, evidence)), None):
        return 0.0, f"the curve “{swapped.label}” is not the one that its label says", True
    judged = [line for line in lines if keras or ("loss" in _words(line) and not _words(line) & _HELD_OUT)]
    right = [line for line in judged if any(_follows(line.y, values, exact=keras) for values in histories)]
    if not judged:
        return 1.0, "the curves are computed, not typed in", False
    return len(right) / len(judged), f"{len(right)} of {len(judged)} curves agree with the recorded training", False


def trainings(evidence: Evidence) -> tuple[Training, ...]:
    """Those of the question; where it only draws, those of the questions before it."""
    return observed(evidence).trainings or evidence.earlier


def _histories(evidence: Evidence) -> list[tuple[str, tuple[float, ...]]]:
    """What was recorded per epoch, stage by stage, and of several stages also one after the other, with its name."""
    joined: dict[str, tuple[float, ...]] = {}
    found = []
    for training in (t for t in trainings(evidence) if t.changed):
        for name, values in training.history.items():
            found.append((name, values))
            joined[name] = (*joined.get(name, ()), *values)
    return [(name, values) for name, values in (*found, *joined.items()) if values]


def named_otherwise(drawn: Sequence[Axes], words: Sequence[str], evidence: Evidence) -> bool:
    """Whether a curve is a recorded one whose name has none of the words, as the accuracy where a loss is asked for."""
    others = [values for name, values in _histories(evidence) if not any(word.casefold() in name for word in words)]
    lines = [line for axes in drawn for line in axes.lines if len(line.y) > 1]
    return any(_follows(line.y, values, exact=True) for line in lines for values in others)


def _words(line: Line) -> set[str]:
    return set(re.findall(r"[a-z]+", line.label.casefold()))


def _is_the_other(line: Line, evidence: Evidence) -> bool:
    """Whether a curve that is called one of training or validation is only among the recorded ones of the other."""
    words = _words(line)
    held_out, training = bool(words & _HELD_OUT), bool(words & _TRAINING)
    if held_out == training:
        return False
    names = {n.startswith("val_") for n, values in _histories(evidence) if _follows(line.y, values, exact=True)}
    return names == {not held_out}


def _follows(drawn: Sequence[float], recorded: Sequence[float], exact: bool) -> bool:
    """Whether a curve is a recorded one, possibly in per cent, or its beginning where the budget cut the rest."""
    length = min(len(drawn), len(recorded))
    if not length:
        return False
    one, other = np.asarray(drawn[:length]), np.asarray(recorded[:length])
    near = 1e-3 if exact else _NEAR
    return any(np.allclose(one, factor * other, rtol=near, atol=near * 1e-2) for factor in (1, 100))
