"""What the loss was given, how the base was frozen: as the probe records it."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks.training import TrainingParameters, training
from grader.checks.transfer import TransferParameters, transfer
from grader.records import Layer

FITS = TrainingParameters(loss_fell=False, eval_mode=False)
FROZEN = TransferParameters(backbone=100)
FINETUNED = TransferParameters(backbone=100, unfrozen=(0.1, 0.5), frozen_first=True)


@pytest.mark.parametrize(
    ("loss", "given", "targets", "said"),
    [
        ("cross_entropy", "", (0, 9), ""),
        ("cross_entropy", "log_softmax", (0, 9), ""),
        ("cross_entropy", "softmax", (0, 9), "goes through softmax, and the loss cross_entropy applies it once more"),
        ("CrossEntropyLoss", "softmax", (0, 9), "applies it once more"),
        ("nll_loss", "log_softmax", (0, 9), ""),
        ("nll_loss", "", (0, 9), "expects log-probabilities, but was given raw scores"),
        ("NLLLoss", "softmax", (0, 9), "expects log-probabilities, but was given softmax"),
        ("binary_cross_entropy", "sigmoid", (0, 1), ""),
        ("binary_cross_entropy", "sigmoid", (0, 9), "was given labels up to 9"),
        ("BCEWithLogitsLoss", "sigmoid", (0, 1), "goes through sigmoid"),
        ("binary_cross_entropy_with_logits", "", (0, 9), "labels up to 9"),
        ("mse_loss", "sigmoid", (0, 9), ""),
    ],
)
def test_a_loss_fits_what_it_is_given(
    evidence: Any, lenet: Any, training: Any, loss: str, given: str, targets: Any, said: str
) -> None:
    stage = training(loss=loss, loss_input=given, target_range=targets)
    verdict = judged(evidence(models=(lenet(),), trainings=(stage,)))
    assert verdict.share == (0.5 if said else 1.0), verdict
    assert said in verdict.rationale


def judged(evidence: Any) -> Any:
    return training(evidence, FITS, None)


@pytest.mark.parametrize(
    ("trainable", "changed", "share"),
    [(20, 20, 1.0), (120, 20, 1.0), (120, 120, 0.0), (20, None, 1.0), (120, None, 0.0), (0, 20, 1.0)],
)
def test_a_base_is_frozen_in_whatever_way(
    evidence: Any, lenet: Any, training: Any, trainable: int, changed: int | None, share: float
) -> None:
    """By its flags, by an optimizer that does not know it, or by `no_grad` around it."""
    model = lenet(
        layers=(Layer("base", "Conv2d", parameters=100), Layer("head", "Linear", parameters=20)), parameters=120
    )
    stage = training(trainable_parameters=trainable, changed_parameters=changed)
    verdict = transfer(evidence(models=(model,), trainings=(stage,)), FROZEN, None)
    assert verdict.share == share, verdict


def test_what_no_optimizer_reached_is_not_fine_tuned(evidence: Any, lenet: Any, training: Any) -> None:
    model = lenet(
        layers=(Layer("base", "Conv2d", parameters=100), Layer("head", "Linear", parameters=20)), parameters=120
    )
    first = training(trainable_parameters=20, changed_parameters=20)
    for changed, share in ((60, 1.0), (20, 0.5)):
        second = training(trainable_parameters=60, changed_parameters=changed)
        assert transfer(evidence(models=(model,), trainings=(first, second)), FINETUNED, None).share == share
