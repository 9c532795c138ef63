"""What a solution showed of a question -> criteria that might be asked, the best first of each kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.checks.measured import Accuracy, measure
from grader.checks.models import find
from grader.records import Evidence, Figure, Model
from grader.verify.seeds import guessing

Values = dict[str, Any]


def criteria_of(evidence: Evidence, data: Sequence[str]) -> Iterator[Values]:
    """Criteria that fit what was seen; those of one id are choices: the first that the solution meets counts."""
    yield _criterion("runs", "Your code runs from top to bottom", 1)
    model = find(evidence, None)
    if model is not None:
        yield _criterion("architecture", _built(model), 3, _architecture(model))
    for name in data if model is not None and model.trained else ():
        yield from _accuracy(evidence, name)
    for measured_on in [*data, None] if model is not None and model.trained else ():
        asked = {"quantity": "accuracy", "data": measured_on}
        yield _criterion("reported", "You report the accuracy, and it is true", 1, asked, check="reported")
    seen = evidence.question.observation
    for asked in _figures(seen.figures if seen else ()):
        yield _criterion("figure", "The figure shows what was asked for", 2, asked)


def input_shape(evidence: Evidence) -> list[int] | None:
    """The batch that the solution fed its model, as a rubric writes it: batch, channels, height, width."""
    model = find(evidence, None)
    shape = [size for size in model.input_shape if size] if model else []
    if model is None or len(shape) < 2 or len(shape) != len(model.input_shape):
        return None
    if model.framework == "keras" and len(shape) == 4:
        return [shape[0], shape[3], shape[1], shape[2]]
    return shape


def notes_of(evidence: Evidence) -> Iterator[str]:
    """What else was seen, for the author."""
    seen = evidence.question.observation
    if seen is None:
        return
    for model in seen.models:
        shapes = (
            f"{_shape(model.input_shape)} to {_shape(model.output_shape)}" if model.output_shape else "never called"
        )
        trained = ", trained" if model.trained else ""
        yield f"model {model.name} ({model.framework}): {model.parameters:,} parameters, {shapes}{trained}"
    for function in seen.functions:
        yield f"function {function.name}({', '.join(function.parameters)}): a `function` criterion can call it"
    if evidence.question.seconds:
        yield f"its cells took {evidence.question.seconds:.1f} s"


def _criterion(name: str, title: str, points: float, asked: Mapping[str, Any] | None = None, check: str = "") -> Values:
    values: Values = {"id": name, "title": title, "check": check or name, "points": points}
    return {**values, "with": dict(asked)} if asked else values


def _built(model: Model) -> str:
    outputs = f" and gives {model.output_shape[-1]} outputs" if model.output_shape else ""
    return f"The network has {model.parameters:,} parameters{outputs}"


def _architecture(model: Model) -> Values:
    asked: Values = {"parameters": model.parameters} if model.parameters else {}
    if len(model.output_shape) > 1 and model.output_shape[-1]:
        asked["output"] = model.output_shape[-1]
    return {**asked, "trained": True} if model.trained else asked


def _accuracy(evidence: Evidence, name: str) -> Iterator[Values]:
    found = measure(evidence, name)
    if not isinstance(found, Accuracy):
        return
    guess = guessing(evidence.labels.get(name, ()), "accuracy")
    full = math.floor(100 * max(found.share - 0.05, guess)) / 100
    asked = {"data": name, "no_credit": math.floor(100 * (guess + (full - guess) / 3)) / 100, "full_credit": full}
    yield _criterion("accuracy", "Your trained network does well on pictures that it has never seen", 3, asked)


def _figures(figures: Sequence[Figure]) -> Iterator[Values]:
    """From all that the figures have in common to their number alone."""
    drawn = [figure for figure in figures if figure.axes]
    if not drawn:
        return
    all_axes = [axes for figure in drawn for axes in figure.axes]
    lines = max(len(axes.lines) for axes in all_axes)
    pictures = max(sum(len(axes.pictures) for axes in figure.axes) for figure in drawn)
    basic: Values = {"figures": 1}
    if lines:
        basic |= {"lines": lines}
    elif pictures:
        basic |= {"figures": len(drawn), "pictures": pictures}
    for more in ({"labels": True, "legend": True, "points": "epochs", "agree": True}, {"labels": True, "legend": True}):
        if lines:
            yield basic | more
    yield basic | {"labels": True} if lines else basic | {"title": True}
    yield basic


def _shape(shape: Sequence[int | None]) -> str:
    return "×".join("?" if size is None else str(size) for size in shape)
