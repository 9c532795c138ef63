"""The check `transfer`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent, lacked, observed
from grader.checks.models import find
from grader.checks.parts import Part, in_parts
from grader.checks.registry import Parameters, check
from grader.checks.scale import percent
from grader.checks.scaling import Network, wrong_scaling
from grader.records import Evidence, Model, Place, Training, Verdict


class TransferParameters(Parameters):
    """Which base, and how it was to be trained. Every part that is asked for has the same weight."""

    backbone: int = Field(gt=0, description="Number of parameters of the base, for example 14714688 for VGG16.")
    frozen_first: bool = Field(True, description="The base must be frozen in the first stage of training.")
    unfrozen: tuple[float, float] | None = Field(
        None, description="Least and greatest share of the base's parameters to be trained in the second stage."
    )
    outputs: int | None = Field(None, gt=0, description="Number of outputs of the head: one per class.")
    lower_rate: bool = Field(False, description="The second stage must have a lower learning rate than the first.")
    scaling: Network | None = Field(
        None, description="Module of `keras.applications`: pictures must not be scaled as another network expects them."
    )


@check("transfer")
def transfer(evidence: Evidence, parameters: TransferParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Did you build on a pretrained network, and train it in the right order?

    The base is found in your model by its number of parameters, in PyTorch or Keras. Then each thing that is asked for
    is a part of the same weight: pretrained weights, the base frozen in the first stage, a share of it trained in the
    second, the outputs of your head, a lower learning rate in the second stage, pictures that are scaled as the base
    expects them. Frozen is what training does not touch, whether by its flags, by an optimizer that does not get it, or
    by `no_grad`. Without the base, or without a training
    that changed weights of this model, there are no points: a network that is only loaded was not adapted.
    """
    model = find(evidence, None)
    if model is None:
        return absent(evidence, "No model was found in this question.", "Build your head on the pretrained base.")
    where = code.defined(evidence, model.name, model.class_name)
    looked = f"Looked at {model.name} with {model.parameters:,} parameters."
    if lacked(evidence) and not model.layers:
        return absent(evidence, f"{looked} Its layers could not be looked at.")
    if parameters.backbone not in accumulate(layer.parameters for layer in model.layers):
        what = f"{looked} No base with {parameters.backbone:,} parameters was found in it."
        return absent(evidence, what, "Build on the pretrained network that was asked for, without its classifier.")
    stages = list(_stages(evidence, model))
    if not stages:
        base = f"It stands on a base with {parameters.backbone:,} parameters"
        what = f"{looked} {base}, but no training changed its weights."
        return absent(evidence, what, "Train the new head first, with the base frozen.")
    looked = f"{looked} It stands on a base with {parameters.backbone:,} parameters."
    return in_parts(looked, list(_parts(evidence, model, stages, parameters)), place=where)


def _stages(evidence: Evidence, model: Model) -> Iterator[Training]:
    index = observed(evidence).models.index(model)
    return (t for t in observed(evidence).trainings if t.model in (index, None) and t.changed)


def _parts(
    evidence: Evidence, model: Model, stages: Sequence[Training], parameters: TransferParameters
) -> Iterator[Part]:
    head = model.parameters - parameters.backbone
    if where := _random_weights(evidence):
        text = f"The base is built with random weights ({where}), where pretrained ones were expected."
        yield Part(0.0, text, "Ask for the pretrained weights when you build the base.", where)
    if parameters.frozen_first:
        yield _frozen(model, stages[0], head)
    if parameters.outputs:
        last = model.output_shape[-1] if model.output_shape else None
        seen = "nothing" if last is None else f"{last} outputs"
        text = f"The head gives {seen} per picture, expected {parameters.outputs}."
        yield Part(float(last == parameters.outputs), text, "The last layer has one output per class.")
    if parameters.unfrozen:
        yield _unfrozen(stages, head, parameters.backbone, parameters.unfrozen)
    if parameters.lower_rate:
        yield _lower(stages)
    if parameters.scaling and (wrong := wrong_scaling(evidence, model, parameters.scaling)) is not None:
        hint = "Use the preprocessing of the network that you build on, and none before it."
        yield Part(float(not wrong), wrong or "Pictures are scaled as the base expects them.", hint)


def _random_weights(evidence: Evidence) -> Place | None:
    """Where the code asks for a base without pretrained weights; None if it does not, or loads weights later."""
    if code.called(evidence, "load_state_dict", "load_weights", "load_model"):
        return None
    known = code.aliases(evidence.cells)
    return code.place(evidence, lambda node: isinstance(node, ast.Call) and _is_random(node, known))


def _is_random(call: ast.Call, known: Mapping[str, str]) -> bool:
    given = {k.arg: k.value.value if isinstance(k.value, ast.Constant) else ... for k in call.keywords if k.arg}
    if "weights" in given or "pretrained" in given:
        return given.get("weights", ...) is None or given.get("pretrained") is False
    # `torchvision.models.vgg16()` draws its weights; Keras loads those of ImageNet when nothing is said.
    name = code.resolved(code.dotted(call.func), known)
    return name.startswith("torchvision.models.") and name.rpartition(".")[2].islower() and not call.args


def _trained(stage: Training) -> int:
    """Parameters that a stage trained: of those that were trainable, what its optimizer and its gradients reached.

    A base can be frozen by its flags, by an optimizer that does not know it, or by `no_grad` around it.
    """
    changed = stage.trainable_parameters if stage.changed_parameters is None else stage.changed_parameters
    return min(stage.trainable_parameters or changed, changed)


def _frozen(model: Model, first: Training, head: int) -> Part:
    frozen = 0 < _trained(first) <= head
    text = f"In the first stage {_trained(first):,} of {model.parameters:,} parameters were trained:"
    state = "the base was frozen" if frozen else f"the base was not frozen, at most {head:,} were expected"
    return Part(float(frozen), f"{text} {state}.", "Freeze the base before the first training.")


def _unfrozen(stages: Sequence[Training], head: int, base: int, asked: tuple[float, float]) -> Part:
    expected = f"{percent(asked[0])} to {percent(asked[1])} were expected"
    hint = "After the first stage, make some of the last layers of the base trainable and train again."
    if len(stages) < 2:
        return Part(0.0, f"There was no second stage of training; in it {expected} of the base to be trained.", hint)
    share = max(0, _trained(stages[-1]) - head) / base
    text = f"In the last stage {percent(share)} of the base were trained; {expected}."
    return Part(float(asked[0] <= share <= asked[1] and share > 0), text, hint)


def _lower(stages: Sequence[Training]) -> Part:
    hint = "Fine-tune with a learning rate ten to a hundred times smaller than that of the first stage."
    if len(stages) < 2:
        return Part(0.0, "There was no second stage whose learning rate could be lower.", hint)
    first, last = stages[0].learning_rates, stages[-1].learning_rates
    if not first or not last:
        return Part(None, "The learning rates were not seen.")
    text = f"The learning rate was {first[0]:g} in the first stage and {last[0]:g} in the last, expected a lower one."
    return Part(float(last[0] < first[0]), text, hint)
