"""The check `architecture`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent, cause, lacked
from grader.checks.alignment import Allowed, compare
from grader.checks.flow import channel_branches
from grader.checks.forward import Fault, fault
from grader.checks.models import find
from grader.checks.parts import Part, mean
from grader.checks.printed import named_layers
from grader.checks.registry import Parameters, check
from grader.checks.scale import linear
from grader.checks.steps import ACTIVATIONS, POOLS, Step, steps
from grader.records import Evidence, LayerTable, Measurement, Model, Verdict

Kind = Literal[
    "conv", "dense", "max_pool", "avg_pool", "global_pool", "pool", "batch_norm", "dropout", "flatten", "relu", "tanh",
    "sigmoid", "softmax", "activation", "concat", "add", "other",
]  # fmt: skip
Count = Annotated[int, Field(gt=0)]
Counts = Count | tuple[Count, ...]
_AGREEMENT = 0.5  # two unrelated networks agree in up to half of their layers by chance


class ArchitectureParameters(Parameters):
    """Which network was asked for. Every part that is asked for has the same weight."""

    model: str | None = Field(None, description="Class or variable name; normally absent: trained first, then largest.")
    compare: bool = Field(True, description="Compare the layers one by one with those of the reference.")
    allow: tuple[Allowed, ...] = Field((), description="Differences to the reference that cost nothing.")
    required: tuple[Kind, ...] = Field((), description="Kinds of layer that must occur in this order.")
    parameters: Counts | None = Field(
        None, description="Number of parameters of the whole model, or a list where frameworks count differently."
    )
    parameters_tolerance: float = Field(0.0, ge=0, description="How far that number may be off, as a share of it.")
    output: Annotated[int, Field(gt=0)] | tuple[Annotated[int, Field(gt=0)], ...] | None = Field(
        None, description="Length of the output's last axis; a list where several are right."
    )
    branches: int | None = Field(None, gt=0, description="Least number of inputs of one concatenation on channels.")
    batch_axis: bool = Field(True, description="As many rows must come out as images go in.")
    trained: bool = Field(False, description="Training must have changed the weights.")
    fed: bool = Field(False, description="The student's own code must have sent a batch through it.")
    printed: bool = Field(False, description="What the code prints must name its layers.")
    cap: float = Field(0.0, ge=0, le=1, description="Most that a model earns that fails or mixes up its batch.")


@check("architecture")
def architecture(evidence: Evidence, parameters: ArchitectureParameters, reference: Evidence | None) -> Verdict:
    """Is your network the one that was asked for?

    The model that you trained (else the largest one) is found whatever you called it, and a batch is sent through it.
    Its layers are compared with those of the reference, one by one, in PyTorch or Keras: kind, filters or units,
    window, stride, padding. Full agreement gives all of this part, half of the layers or fewer nothing, and a linear
    share between. Each further thing that is asked for (certain layers, number of parameters, outputs, branches,
    training, a batch of your own, its layers printed) is a part of the same weight. A model whose forward pass fails,
    or that does not give one row per image, earns at most `cap` (normally nothing), because it cannot be trained.
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
    parts = _parts(evidence, model, taken, parameters, table)
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
    evidence: Evidence,
    model: Model,
    taken: Sequence[Step],
    parameters: ArchitectureParameters,
    table: LayerTable | None,
) -> list[Part]:
    parts = [
        _compared(table) if table else None,
        _required(taken, parameters.required) if parameters.required else None,
        _count(model, parameters.parameters, parameters.parameters_tolerance) if parameters.parameters else None,
        _output(model, parameters.output) if parameters.output else None,
        _branches(model, parameters.branches) if parameters.branches else None,
        _trained(model) if parameters.trained else None,
        _fed(model) if parameters.fed else None,
        _printed(evidence, model) if parameters.printed else None,
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


def _count(model: Model, expected: Counts, tolerance: float) -> Part:
    allowed = f" (± {100 * tolerance:g} %)" if tolerance else ""
    counts = _counts(expected)
    text = f"It has {model.parameters:,} parameters, expected {' or '.join(f'{n:,}' for n in counts)}{allowed}."
    right = any(abs(model.parameters - count) <= tolerance * count for count in counts)
    return Part(float(right), text, "Count the parameters layer by layer: k·k·inputs·outputs + outputs.")


def _output(model: Model, expected: int | tuple[int, ...]) -> Part:
    right = (expected,) if isinstance(expected, int) else expected
    last = model.output_shape[-1] if model.output_shape else None
    wanted = " or ".join(map(str, right))
    text = f"It gives {'no output' if last is None else f'{last} values'} per image, expected {wanted}."
    return Part(float(last in right), text, "The last layer has one output per class.")


def _branches(model: Model, expected: int) -> Part:
    found = channel_branches(model.layers, model.framework)
    text = f"At most {found} branches are joined on the channel axis, expected at least {expected}."
    return Part(float(found >= expected), text, "Join parallel branches along the channels, not along another axis.")


def _trained(model: Model) -> Part:
    seen = "Training changed its weights." if model.trained else "It was not trained: no step changed its weights."
    return Part(float(model.trained), seen, "Train the model in this question.")


def _fed(model: Model) -> Part:
    text = (
        "Your code sent a batch through it." if model.input_origin == "seen" else "Your code sent nothing through it."
    )
    return Part(float(model.input_origin == "seen"), text, "Call the model with a batch.")


def _printed(evidence: Evidence, model: Model) -> Part:
    found, wanted = named_layers(evidence, model)
    text = f"What was printed names {min(found, wanted)} of its {wanted} layers with weights."
    hint = "Print the whole network: summary() in Keras, print(model) in PyTorch."
    return Part(float(found >= wanted > 0), text, hint)


def _counts(asked: Counts) -> tuple[int, ...]:
    return asked if isinstance(asked, tuple) else (asked,)


def _counted(model: Model, parameters: ArchitectureParameters) -> tuple[Measurement, ...]:
    if parameters.parameters is None:
        return ()
    counts = _counts(parameters.parameters)
    nearest = min(counts, key=lambda count: abs(count - model.parameters))
    return (Measurement("parameters", model.parameters, full_credit=nearest),)
