"""The check `training`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent, observed
from grader.checks.fed import normalised
from grader.checks.models import find
from grader.checks.parts import Part, in_parts
from grader.checks.registry import Parameters, check
from grader.checks.steps import Step, steps
from grader.records import Evidence, Model, Training, Verdict

_FELL = 0.99  # a loss that ends above this share of where it began has not fallen
_DIFFERS = frozenset(("dropout", "batch_norm"))  # layers that do something else in training


class TrainingParameters(Parameters):
    """What a training must be like. Every part that is asked for has the same weight."""

    loss_fell: bool = Field(True, description="The mean loss of the last epoch must be below that of the first.")
    optimizer: tuple[str, ...] = Field((), description="Optimizers that may be used, such as `Adam`; empty for any.")
    loss_fits: bool = Field(True, description="The loss must fit the model's output and the labels.")
    eval_mode: bool = Field(True, description="Dropout and batch normalisation must rest during evaluation.")
    normalised: bool = Field(False, description="Pictures must be scaled to a range of about 1, and only once.")


@check("training")
def training(evidence: Evidence, parameters: TrainingParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Did your training do what a training should?

    Your code is watched while it trains, in PyTorch or Keras. Each thing that is asked for is a part of the same
    weight: weights that changed, a loss that fell over the epochs, the optimizer, a loss that fits the output (softmax
    in the model *and* in the loss is once too often, a binary loss cannot judge ten classes, and no loss can where all
    labels are the same), evaluation mode while you evaluate, pictures scaled once and not twice. Without steps that
    changed weights there are no points, whatever your code prints. What could not be seen, as a fall of the loss within
    one epoch, counts neither way.
    """
    stages = [t for t in observed(evidence).trainings if t.changed]
    model = find(evidence, None)
    if not stages or model is None:
        seen = sum(t.steps for t in observed(evidence).trainings)
        what = f"No training was seen that changed a model's weights ({seen:,} optimizer steps)."
        return absent(evidence, what, "Compute the loss, its gradients and a step of the optimizer for each batch.")
    looked = f"Looked at the training of {model.name}."
    return in_parts(looked, list(_parts(model, stages, parameters)), place=code.trained(evidence))


def _parts(model: Model, stages: list[Training], parameters: TrainingParameters) -> Iterator[Part]:
    changed, steps_made = max(t.changed for t in stages), sum(t.steps for t in stages)
    yield Part(1.0, f"{steps_made:,} steps changed {changed} weight arrays.")
    if parameters.loss_fell:
        yield _fell(stages)
    if parameters.optimizer:
        yield _optimizer(stages, parameters.optimizer)
    if parameters.loss_fits:
        yield _fits(model, stages[-1])
    if parameters.eval_mode and (part := _evaluation(model)):
        yield part
    if parameters.normalised:
        yield normalised(model, stages)


def _fell(stages: list[Training]) -> Part:
    values = [value for t in stages for value in t.history.get("loss", ())]
    if len(values) < 2:
        return Part(None, f"With {len(values)} epochs seen, nothing can be said about a fall of the loss.")
    text = f"The mean loss went from {values[0]:.4g} to {values[-1]:.4g} over {len(values)} epochs, expected a fall."
    fell = values[-1] < values[0] * _FELL if values[0] > 0 else values[-1] < values[0]
    return Part(float(fell), text, "Check the learning rate, and that labels and pictures belong together.")


def _optimizer(stages: list[Training], asked: tuple[str, ...]) -> Part:
    used = list(dict.fromkeys(t.optimizer for t in stages))
    fits = {name.casefold() for name in used} <= {name.casefold() for name in asked}
    text = f"The optimizer was {', '.join(filter(None, used)) or 'not seen'}, expected {' or '.join(asked)}."
    return Part(float(fits) if any(used) else None, text, "Use the optimizer that the question asks for.")


def _fits(model: Model, stage: Training) -> Part:
    if not stage.loss:
        return Part(None, "The loss function was not seen.")
    # What the loss was really given goes before the model's own last layer: softmax may be applied in the loop.
    problem, hint = _problem(stage, _last(steps(model)) if stage.loss_input is None else stage.loss_input)
    if problem:
        return Part(0.0, problem, hint)
    return Part(1.0, f"The loss {stage.loss} fits the model's output.")


def _last(taken: Sequence[Step]) -> str:
    """What the model ends with: `softmax`, `log_softmax`, `sigmoid`, or nothing."""
    last = taken[-1] if taken else None
    if last is None or last.kind not in ("softmax", "sigmoid"):
        return ""
    return "log_softmax" if "log" in last.type.casefold() else last.kind


def _problem(stage: Training, last: str) -> tuple[str, str]:
    """What does not fit between loss, output and labels, and a hint; two empty texts if nothing."""
    name = stage.loss.replace("_", "").casefold()
    if stage.target_range and stage.target_range[0] == stage.target_range[1]:
        text = "All labels are the same: with one class there is nothing to learn."
        return text, "Give the folder whose subfolders are the classes, and not the one above it."
    if (problem := _binary(stage, name)) is not None:
        return problem
    if "withlogits" in name or stage.from_logits or (stage.framework == "torch" and name.startswith("crossentropy")):
        if last in ("softmax", "sigmoid"):
            text = f"The output goes through {last}, and the loss {stage.loss} applies it once more."
            return text, "Apply it either in the model or in the loss."
    elif name.startswith("nllloss") and last != "log_softmax":
        text = f"The loss {stage.loss} expects log-probabilities, but was given {last or 'raw scores'}."
        return text, "Read in the manual of the loss what it expects."
    elif _expects_probabilities(name) and last not in ("softmax", "sigmoid"):
        text = f"The loss {stage.loss} expects probabilities, but was given {last or 'raw scores'}."
        return text, "Tell the loss that it gets raw scores, or end the model with the fitting activation."
    return "", ""


def _expects_probabilities(name: str) -> bool:
    return "withlogits" not in name and (
        "categoricalcrossentropy" in name or "binarycrossentropy" in name or name == "bceloss"
    )


def _binary(stage: Training, name: str) -> tuple[str, str] | None:
    if not name.startswith(("binary", "bce")):
        return None
    high = stage.target_range[1] if stage.target_range else 0.0
    negative = any(value < 0 for value in stage.history.get("loss", ()))
    if high <= 1 and not negative:
        return None
    seen = f"labels up to {high:g}" if high > 1 else "a loss that goes below 0"
    text = f"The binary loss {stage.loss} was given {seen}, where it expects labels from 0 to 1."
    return text, "Use a loss for as many classes as you have, with as many outputs."


def _evaluation(model: Model) -> Part | None:
    """Keras rests them by itself; in PyTorch `eval()` does."""
    if model.framework == "keras" or not _DIFFERS & {step.kind for step in steps(model)}:
        return None
    if not model.evaluated:
        return Part(None, "No evaluation without gradients was seen.")
    text = f"The model was evaluated in {'evaluation' if model.evaluated == 'eval' else 'training'} mode"
    return Part(
        float(model.evaluated == "eval"), f"{text}, expected evaluation mode.", "Switch the mode before you evaluate."
    )
