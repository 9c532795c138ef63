from __future__ import annotations

from typing import Any

import pytest

from grader.checks.architecture import ArchitectureParameters, architecture
from grader.records import BatchTrial, CellRun, ErrorTrace, ForwardError, Layer, LayerTable, Model, Note

LENET = ArchitectureParameters(allow=("activation", "pooling", "input_padding"), parameters=61_706, output=10)


def test_right(evidence: Any, lenet: Any) -> None:
    verdict = architecture(evidence(models=(lenet(padding=0, size=32),)), LENET, evidence(models=(lenet(),)))
    assert verdict.share == 1.0
    assert "61,706 parameters" in verdict.rationale
    assert isinstance(verdict.exhibits[0], LayerTable)


def test_partly_right(evidence: Any, lenet: Any) -> None:
    verdict = architecture(evidence(models=(lenet(filters=12),)), LENET, evidence(models=(lenet(),)))
    assert 0.3 < verdict.share < 0.7  # 10 of 11 layers agree, 10 outputs, but another number of parameters
    assert "10 of 11 layers agree" in verdict.rationale
    assert "yours is Conv2d 12@5×5 → 12×10×10, expected Conv2d 16@5×5 → 16×10×10" in verdict.rationale
    assert verdict.exhibits[0].first_difference == 3


def test_another_network_earns_nothing_by_chance(evidence: Any, lenet: Any) -> None:
    layers = tuple(Layer(f"d{i}", "Linear", output=(64, 50 + i), inputs=((64, 5),)) for i in range(6))
    dense = Model("net", "MLP", "torch", True, layers, 1000, 1000, (64, 784), "seen", (64, 55))
    verdict = architecture(evidence(models=(dense,)), ArchitectureParameters(), evidence(models=(lenet(),)))
    assert verdict.share == 0.0


def test_absent(evidence: Any, lenet: Any) -> None:
    verdict = architecture(evidence(), LENET, evidence(models=(lenet(),)))
    assert verdict.share == 0.0
    assert "No model was found" in verdict.rationale


def test_an_empty_model_earns_nothing(evidence: Any) -> None:
    model = Model("net", "Net", "torch")
    verdict = architecture(evidence(models=(model,)), ArchitectureParameters(compare=False), None)
    assert verdict.share == 0.0


def test_the_batch_axis_bug_of_a_model_that_never_trained(evidence: Any, lenet: Any) -> None:
    bug = lenet(
        trained=False, output_shape=(256, 10), input_shape=(64, 1, 32, 32), batches=(BatchTrial(64, (256, 10)),)
    )
    error = ErrorTrace("ValueError", "Expected input batch_size (256) to match target batch_size (64).", 13, 60)
    verdict = architecture(evidence(models=(bug,), error=error), LENET, evidence(models=(lenet(),)))
    assert verdict.share == 0.0
    assert "A batch of 64 images comes out as 256 rows" in verdict.rationale
    assert "Cell 13, line 60" in verdict.rationale
    assert verdict.exhibits
    half = LENET.model_copy(update={"cap": 0.3})
    assert architecture(evidence(models=(bug,)), half, evidence(models=(lenet(),))).share == pytest.approx(0.3)


def test_a_failing_forward_needs_no_reference(evidence: Any, lenet: Any) -> None:
    message = "Given groups=1, expected input[64, 512, 2, 2] to have 528 channels, but got 512 channels instead"
    broken = lenet(trained=False, error=ForwardError(message, "inceptions.7.branch1"), output_shape=())
    verdict = architecture(evidence(models=(broken,)), ArchitectureParameters(), None)
    assert verdict.share == 0.0
    assert "inceptions.7.branch1 got 512 channels where it expects 528" in verdict.rationale


def test_a_batch_of_ours_that_does_not_fit_goes_to_a_person(evidence: Any, lenet: Any) -> None:
    message = "mat1 and mat2 shapes cannot be multiplied (64x256 and 400x120)"
    unfed = lenet(error=ForwardError(message, "fc1"), input_origin="plan", output_shape=())
    assert architecture(evidence(models=(unfed,)), LENET, evidence(models=(lenet(),))).share is None


def test_one_of_several_lengths_of_the_output(evidence: Any, lenet: Any) -> None:
    seen = evidence(models=(lenet(),))
    assert architecture(seen, ArchitectureParameters(compare=False, output=(1, 10)), None).share == 1.0
    verdict = architecture(seen, ArchitectureParameters(compare=False, output=(1, 2)), None)
    assert verdict.share == 0.0
    assert "It gives 10 values per image, expected 1 or 2." in verdict.rationale


def test_the_trained_model_is_taken_then_the_largest_then_the_named_one(evidence: Any, lenet: Any) -> None:
    big = lenet(trained=False, parameters=10**8, name="big", filters=64)
    seen = evidence(models=(big, lenet(name="mine")))
    check = ArchitectureParameters(compare=False, output=10)
    assert "Looked at mine" in architecture(seen, check, None).rationale
    named = ArchitectureParameters(compare=False, output=10, model="big")
    assert "Looked at big" in architecture(seen, named, None).rationale
    assert architecture(seen, named.model_copy(update={"model": "other"}), None).share == 0.0


@pytest.mark.parametrize(
    ("asked", "share"),
    [
        ({"required": ("conv", "pool", "conv", "avg_pool", "dense")}, 1.0),
        ({"required": ("conv", "activation", "flatten", "dense")}, 1.0),
        ({"required": ("dense", "conv")}, 0.0),
        ({"parameters": 61_706}, 1.0),
        ({"parameters": 61_000}, 0.0),
        ({"parameters": 61_000, "parameters_tolerance": 0.02}, 1.0),
        ({"output": 3}, 0.0),
        ({"branches": 4}, 0.0),
        ({"trained": True}, 1.0),
        ({"trained": True, "output": 3}, 0.5),
    ],
)
def test_each_part_that_is_asked_for_has_the_same_weight(evidence: Any, lenet: Any, asked: Any, share: float) -> None:
    parameters = ArchitectureParameters(compare=False, **asked)
    assert architecture(evidence(models=(lenet(),)), parameters, None).share == share


def test_without_a_reference_a_comparison_is_unscored(evidence: Any, lenet: Any) -> None:
    assert architecture(evidence(models=(lenet(),)), LENET, None).share is None
    assert architecture(evidence(models=(lenet(),)), LENET, evidence()).share is None


def test_missing_weights_are_no_zero(evidence: Any, lenet: Any) -> None:
    note = Note("missing", "The weights are not here.", "vgg16.pth", "q6", 1)
    error = ErrorTrace("URLError", "no network", 1)
    verdict = architecture(evidence(notes=(note,), error=error), LENET, evidence(models=(lenet(),)))
    assert verdict.share is None
    assert "vgg16.pth" in verdict.rationale


def test_several_numbers_of_parameters_where_frameworks_count_differently(evidence: Any, lenet: Any) -> None:
    asked = ArchitectureParameters(compare=False, parameters=(61_700, 61_706))
    verdict = architecture(evidence(models=(lenet(),)), asked, None)
    assert verdict.share == 1.0
    assert "expected 61,700 or 61,706" in verdict.rationale
    assert architecture(evidence(models=(lenet(filters=12),)), asked, None).share == 0.0


@pytest.mark.parametrize(("origin", "share"), [("seen", 1.0), ("loader", 0.0), ("plan", 0.0)])
def test_a_batch_of_the_students_own(evidence: Any, lenet: Any, origin: str, share: float) -> None:
    asked = ArchitectureParameters(compare=False, fed=True)
    assert architecture(evidence(models=(lenet(input_origin=origin),)), asked, None).share == share


SUMMARY = """LeNet5(
  (c1): Conv2d(1, 6, kernel_size=(5, 5))
  (c3): Conv2d(6, 16, kernel_size=(5, 5))
  (c5): Linear(in_features=400, out_features=120, bias=True)
  (f6): Linear(in_features=120, out_features=84, bias=True)
  (output): Linear(in_features=84, out_features=10, bias=True)
)"""


@pytest.mark.parametrize(
    ("printed", "share"),
    [
        (SUMMARY, 1.0),
        ("conv2d_1 (Conv2D)\rconv2d_2 (Conv2D)\ndense (Dense)\ndense_1 (Dense)\ndense_2 (Dense)", 1.0),
        (SUMMARY.replace("c5): Linear", "c5): L"), 0.0),
        ("A network with conv, conv, dense, dense and dense layers", 0.0),
        ("", 0.0),
    ],
)
def test_its_layers_are_printed(evidence: Any, lenet: Any, printed: str, share: float) -> None:
    asked = ArchitectureParameters(compare=False, printed=True)
    run = CellRun(1, "ok", 1.0, printed)
    assert architecture(evidence(models=(lenet(),), runs=(run,)), asked, None).share == share
