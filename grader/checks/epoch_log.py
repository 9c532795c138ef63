"""The check `epoch_log`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent, observed
from grader.checks.parts import Part, in_parts
from grader.checks.registry import Parameters, check
from grader.records import Evidence, Number, Training, Verdict

Quantity = Literal["loss", "accuracy"]
_WORDS: dict[Quantity, tuple[str, ...]] = {"loss": ("loss",), "accuracy": ("accuracy", "acc")}
_NAMED = re.compile(r"\b(loss|accuracy|acc)\b")
_LEAST_NUMBERS = 2  # in a line of a table whose heading stands above it
_ROUNDED = 6e-4  # what is left of a number that is printed with three digits


class EpochLogParameters(Parameters):
    """What must be printed in each epoch."""

    quantities: tuple[Quantity, ...] = Field(("loss", "accuracy"), min_length=1, description="What must be printed.")


@check("epoch_log")
def epoch_log(evidence: Evidence, parameters: EpochLogParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Does your training say how it goes, epoch by epoch?

    Your code is watched while it trains, and what it prints is read: each quantity that is asked for, with its word
    beside it, for every epoch that changed weights. In Keras the numbers must be those that were recorded. A log that
    leaves out epochs, as of a training that ran before it, earns the share that it shows. Numbers that are typed in, or
    that stay the same while the training changes, earn nothing.
    """
    stages = [t for t in observed(evidence).trainings if t.changed and t.epochs]
    if not stages:
        return absent(evidence, "No training was seen whose epochs could be printed.", "Train the model here.")
    epochs = sum(t.epochs for t in stages)
    parts = [_part(evidence, stages, quantity, epochs) for quantity in parameters.quantities]
    return in_parts(f"{epochs} epochs of training were seen.", parts)


def _part(evidence: Evidence, stages: Sequence[Training], quantity: Quantity, epochs: int) -> Part:
    printed = [n.value for n in evidence.question.numbers if _is(n, quantity)]
    if any(len(row) > 1 and _holds(printed, row) for row, _ in code.literal_rows(evidence)):
        return Part(0.0, f"The {quantity} is typed in.", "Print what your training computes.")
    if epochs > 1 and len(printed) > 1 and len(set(printed)) == 1:
        return Part(0.0, f"The {quantity} printed is {printed[0]:g} each time.", "Compute it anew in each epoch.")
    recorded = _recorded(stages, quantity)
    shown = _found(printed, recorded) if recorded else min(len(printed), epochs)
    text = f"The {quantity} is printed for {shown} of {epochs} epochs."
    if shown < epochs and _may_be_table(evidence, epochs):
        return Part(None, f"{text} A table without words beside its numbers may hold more.")
    hint = f"Print the {quantity} at the end of every epoch, with its word beside it, from the first epoch on."
    return Part(shown / epochs, text, hint if shown < epochs else "")


def _is(number: Number, quantity: Quantity) -> bool:
    """Whether the last of the quantities beside the number is this one: `loss 0.5 accuracy 0.9`."""
    named = _NAMED.findall(re.sub(r"[\W_]+", " ", number.label.casefold()))
    return bool(named) and named[-1] in _WORDS[quantity]


def _recorded(stages: Sequence[Training], quantity: Quantity) -> list[float]:
    """What Keras recorded of it, all stages together; empty for PyTorch, where only the mean loss is known."""
    if any(stage.framework != "keras" for stage in stages):
        return []
    found: list[float] = []
    for stage in stages:
        names = (n for n in stage.history if not n.startswith("val_") and n.endswith(_WORDS[quantity]))
        found += stage.history.get(next(names, ""), ())
    return found


def _found(printed: Sequence[float], recorded: Sequence[float]) -> int:
    """How many recorded numbers are printed, as shares or in per cent."""
    if not printed:
        return 0
    near = [min(abs(p - factor * r) / factor for p in printed for factor in (1, 100)) for r in recorded]
    return int(np.sum(np.asarray(near) <= [max(_ROUNDED, 1e-3 * abs(r)) for r in recorded]))


def _holds(printed: Sequence[float], row: Sequence[float]) -> bool:
    """Whether the row stands in what was printed, one number after the other."""
    last = len(printed) - len(row) + 1
    return any(tuple(printed[start : start + len(row)]) == tuple(row) for start in range(max(0, last)))


def _may_be_table(evidence: Evidence, epochs: int) -> bool:
    """At least a line per epoch that holds numbers and no words."""
    lines = [line for run in evidence.question.runs for line in run.text[-10_000:].splitlines()]
    bare = [line for line in lines if not re.search(r"[A-Za-z]{2}", line)]
    return sum(len(re.findall(r"\d+\.\d+", line)) >= _LEAST_NUMBERS for line in bare) >= epochs
