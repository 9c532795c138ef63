"""The check `architecture`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent, cause, lacked
from grader.checks.alignment import Allowed, compare
from grader.checks.flow import channel_branches
from grader.checks.forward import Fault, fault
from grader.checks.models import find
from grader.checks.parts import Part, mean
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear
from grader.checks.steps import ACTIVATIONS, POOLS, Step, steps
from grader.records import Evidence, LayerTable, Measurement, Model, Verdict

Kind = Literal[
    "conv", "dense", "max_pool", "avg_pool", "global_pool", "pool", "batch_norm", "dropout", "flatten", "relu", "tanh",
    "sigmoid", "softmax", "activation", "concat", "add", "other",
]  # fmt: skip
_AGREEMENT = 0.5  # two unrelated networks agree in up to half of their layers by chance


class ArchitectureParameters(Parameters):
    """Which network was asked for. Every part that is asked for has the same weight."""

    model: str | None = Field(None, description="Class or variable name; normally absent: trained first, then largest.")
    compare: bool = Field(True, description="Compare the layers one by one with those of the reference.")
    allow: tuple[Allowed, ...] = Field((), description="Differences to the reference that cost nothing.")
    required: tuple[Kind, ...] = Field((), description="Kinds of layer that must occur in this order.")
    parameters: int | None = Field(None, gt=0, description="Number of parameters of the whole model.")
    parameters_tolerance: float = Field(0.0, ge=0, description="How far that number may be off, as a share of it.")
    output: int | None = Field(None, gt=0, description="Length of the output's last axis.")
    branches: int | None = Field(None, gt=0, description="Least number of inputs of one concatenation on channels.")
    batch_axis: bool = Field(True, description="As many rows must come out as images go in.")
    trained: bool = Field(False, description="Training must have changed the weights.")
    cap: float = Field(0.0, ge=0, le=1, description="Most that a model earns that fails or mixes up its batch.")


@check("architecture")
def architecture(evidence: Evidence, parameters: ArchitectureParameters, reference: Evidence | None) -> Verdict:
    """Is your network the one that was asked for?

    The model that you trained (else the largest one) is found whatever you called it, and a batch is sent through it.
    Its layers are compared with those of the reference, one by one, in PyTorch or Keras: kind, filters or units,
    window, stride, padding. Full agreement gives all of this part, half of the layers or fewer nothing, and a linear
    share between. Each further thing that is asked for (certain layers, number of parameters, outputs, branches,
    training) is a part of the same weight. A model whose forward pass fails, or that does not give one row per image,
    earns at most `cap` (normally nothing), because it cannot be trained.
    """
    model = find(evidence, parameters.model)
    if model is None:
        hint = "Build the model in a cell of this question, so that it exists after the cells ran."
        return absent(evidence, "No model was found in this question.", hint)
    expected = find(reference, None) if reference and parameters.compare else None
    taken = steps(model)
    table = _table(model, taken, expected, parameters) if expected else None
    shown = (table,) if table else ()
    broken = fault(model, batch_axis=parameters.batch_axis)
    if broken and broken.ours:
        return Verdict(None, f"{broken.text} A person will look.", broken.hint, shown)
    if parameters.compare and table is None and not (broken and parameters.cap == 0):
        return Verdict(None, "There is no reference model to compare with. A person will look.")
    if lacked(evidence) and not model.layers:
        return absent(evidence, f"{model.name} could not be looked at.")
    parts = _parts(model, taken, parameters, table)
    return _verdict(evidence, model, parts, broken, parameters.cap, (*shown, *_counted(model, parameters)))


def _table(model: Model, taken: Sequence[Step], expected: Model, parameters: ArchitectureParameters) -> LayerTable:
    rows = compare(taken, steps(expected), parameters.allow)
    return LayerTable(rows.rows, rows.first_difference, f"your {model.name}", f"reference {expected.class_name}")


def _verdict(
    evidence: Evidence,
    model: Model,
    parts: Sequence[Part],
    broken: Fault | None,
    cap: float,
    exhibits: tuple[LayerTable | Measurement, ...],
) -> Verdict:
    share = mean(parts) if parts else 1.0
    share = 0.0 if share is None else share
    hints = [part.hint for part in parts if part.share != 1]
    texts = [part.text for part in parts]
    if broken:
        share, hints = min(share, cap), [broken.hint]
        # A failing forward pass is told already, a lost batch axis shows itself only in the loss.
        texts = [broken.text, "" if model.error else cause(evidence), *texts]
    looked = f"Looked at {model.name} ({model.class_name}, {model.parameters:,} parameters)."
    where = code.defined(evidence, model.class_name, model.name)
    text, hint = " ".join(filter(None, [looked, *texts])), " ".join(filter(None, hints))
    return Verdict(share, text, hint, exhibits, place=where)


def _parts(
    model: Model, taken: Sequence[Step], parameters: ArchitectureParameters, table: LayerTable | None
) -> list[Part]:
    parts = [
        _compared(table) if table else None,
        _required(taken, parameters.required) if parameters.required else None,
        _count(model, parameters.parameters, parameters.parameters_tolerance) if parameters.parameters else None,
        _output(model, parameters.output) if parameters.output else None,
        _branches(model, parameters.branches) if parameters.branches else None,
        _trained(model) if parameters.trained else None,
        None if taken else Part(0.0, "No layer of it was seen at work.", "Send a batch of images through the model."),
    ]
    return [part for part in parts if part is not None]


def _compared(table: LayerTable) -> Part:
    agreeing, rows = sum(row.agrees for row in table.rows), len(table.rows)
    share = linear(agreeing / rows, _AGREEMENT, 1.0) if rows else 0.0
    text = f"{agreeing} of {rows} layers agree with the reference."
    if table.first_difference is None:
        return Part(share, text)
    row = table.rows[table.first_difference]
    place = f"First difference in line {table.first_difference + 1}"
    text = f"{text} {place}: yours is {row.student}, expected {row.expected}."
    return Part(share, text, "Compare the layer at the first difference with the one that was asked for.")


def _required(taken: Sequence[Step], required: Sequence[Kind]) -> Part:
    found = 0
    for step in taken:
        if found < len(required) and _is(step, required[found]):
            found += 1
    if found == len(required):
        return Part(1.0, f"All {found} required layers are there in order.")
    text = f"{found} of the {len(required)} required layers ({', '.join(required)}) are there in order;"
    text = f"{text} missing from {required[found].replace('_', ' ')} on."
    return Part(0.0, text, "Check that each required layer is there and is called in forward.")


def _is(step: Step, kind: Kind) -> bool:
    return step.kind == kind or (kind == "pool" and step.kind in POOLS) or _is_activation(step, kind)


def _is_activation(step: Step, kind: Kind) -> bool:
    return kind == "activation" and step.kind in ACTIVATIONS


def _count(model: Model, expected: int, tolerance: float) -> Part:
    allowed = f" (± {100 * tolerance:g} %)" if tolerance else ""
    text = f"It has {model.parameters:,} parameters, expected {expected:,}{allowed}."
    right = abs(model.parameters - expected) <= tolerance * expected
    return Part(float(right), text, "Count the parameters layer by layer: k·k·inputs·outputs + outputs.")


def _output(model: Model, expected: int) -> Part:
    last = model.output_shape[-1] if model.output_shape else None
    text = f"It gives {'no output' if last is None else f'{last} values'} per image, expected {expected}."
    return Part(float(last == expected), text, "The last layer has one output per class.")


def _branches(model: Model, expected: int) -> Part:
    found = channel_branches(model.layers, model.framework)
    text = f"At most {found} branches are joined on the channel axis, expected at least {expected}."
    return Part(float(found >= expected), text, "Join parallel branches along the channels, not along another axis.")


def _trained(model: Model) -> Part:
    seen = "Training changed its weights." if model.trained else "It was not trained: no step changed its weights."
    return Part(float(model.trained), seen, "Train the model in this question.")


def _counted(model: Model, parameters: ArchitectureParameters) -> tuple[Measurement, ...]:
    if parameters.parameters is None:
        return ()
    return (Measurement("parameters", model.parameters, full_credit=parameters.parameters),)
