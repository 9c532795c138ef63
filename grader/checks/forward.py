"""Why a model cannot be trained: its forward pass fails, or it mixes up the images of a batch."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.checks.steps import times
from grader.records import BatchTrial, ForwardError, Model, Shape

_TORCH_CHANNELS = re.compile(r"expected input\[.*?\] to have (\d+) channels, but got (\d+) channels")
_TORCH_FEATURES = re.compile(r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)")
_KERAS_AXIS = re.compile(
    r"expected axis -1 of input shape to have value (\d+).*?received input with shape \(.*?(\d+)\)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A forward pass that went wrong.

    Attributes:
        text: What was seen, with the layer and the shapes.
        hint: Where to look.
        ours: The batch that the grader made up may be the reason.
    """

    text: str
    hint: str
    ours: bool = False


def fault(model: Model, *, batch_axis: bool) -> Fault | None:
    """What is wrong with the forward pass of a model; None if nothing is."""
    trials = _by_use(model)
    if model.error:
        return _failing(model, model.error, model.input_shape)
    failed = next((t for t in trials if t.error), None)
    if failed:
        return _failing(model, ForwardError(failed.error), (failed.size, *model.input_shape[1:]))
    lost = next((t for t in trials if t.output and t.output[0] != t.size), None) if batch_axis else None
    if lost is None:
        return None
    rows, shape = lost.output[0], times(lost.output)
    text = f"A batch of {lost.size} images comes out as {rows} rows (output {shape}): the batch axis is lost."
    text = f"{text} One row per image was expected: {lost.size}."
    return Fault(text, "Look at the place where the maps are flattened: which axis may be guessed by -1?")


def _by_use(model: Model) -> list[BatchTrial]:
    """The trials, the largest batch first: that is mostly the student's own. A batch of one does not count.

    `squeeze()` before the output breaks a batch of one and no other: not a reason against a model that trains.
    """
    used = model.input_shape[0] if model.input_shape else None
    own = (BatchTrial(used, model.output_shape),) if used and model.output_shape else ()
    return sorted((t for t in (*model.batches, *own) if t.size > 1), key=lambda trial: -trial.size)


def _failing(model: Model, error: ForwardError, batch: Shape) -> Fault:
    clash = _clash(error.message)
    layer = error.layer or model.name
    went_in = f" A batch of shape {times(batch)} was sent in." if batch else ""
    if clash:
        got, wanted, what = clash
        text = f"The forward pass fails: {layer} got {got} {what} where it expects {wanted}.{went_in}"
        hint = f"Add up the {what} that the layers before {layer} give, and compare with what it was built for."
    else:
        shapes = f" (input {', '.join(map(times, error.inputs))})" if error.inputs else ""
        text = f"The forward pass fails in {layer}{shapes}: {_first_line(error.message)}.{went_in}"
        hint = f"Follow the shapes through the model up to {layer}."
    ours = _may_be_ours(model, clash)
    made_up = " The batch was the grader's own, as your code fed the model none." if ours else ""
    return Fault(text + made_up, hint, ours)


def _may_be_ours(model: Model, clash: tuple[int, int, str] | None) -> bool:
    """Whether the batch that the grader made up can be the reason: then it must not count against the student."""
    if model.error is None or model.input_origin != "plan":
        return False
    # Channels that clash deep inside the model do so with every batch; sizes depend on the size of the images.
    return clash is None or clash[2] != "channels" or clash[0] in (model.input_shape[1:2] + model.input_shape[-1:])


def _clash(message: str) -> tuple[int, int, str] | None:
    """(given, expected, of what) in the words of PyTorch and Keras."""
    if match := _TORCH_CHANNELS.search(message):
        return int(match[2]), int(match[1]), "channels"
    if match := _TORCH_FEATURES.search(message):
        return int(match[1]), int(match[2]), "features"
    if match := _KERAS_AXIS.search(message):
        return int(match[2]), int(match[1]), "channels" if "conv" in message.casefold() else "features"
    return None


def _first_line(message: str) -> str:
    return next(iter(message.strip().splitlines()), "unknown reason")[:300].rstrip(".")
