from __future__ import annotations

from typing import Any

import pytest

from grader.checks.forward import fault
from grader.records import BatchTrial, ForwardError

CHANNELS = (
    "RuntimeError: Given groups=1, weight of size [256, 528, 1, 1], expected input[64, 512, 2, 2] to have 528 "
    "channels, but got 512 channels instead"
)
FEATURES = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x400 and 256x120)"
KERAS_DENSE = (
    'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape to have '
    "value 400, but received input with shape (64, 256)"
)


def test_a_sound_model_has_no_fault(lenet: Any) -> None:
    trials = tuple(BatchTrial(n, (n, 10)) for n in (1, 2, 5, 64))
    assert fault(lenet(batches=trials), batch_axis=True) is None


def test_a_lost_batch_axis_is_told_with_the_students_own_batch(lenet: Any) -> None:
    trials = tuple(BatchTrial(n, (4 * n, 10)) for n in (1, 2, 5, 64))
    found = fault(lenet(batches=trials, output_shape=(256, 10)), batch_axis=True)
    assert found is not None
    assert "A batch of 64 images comes out as 256 rows" in found.text
    assert fault(lenet(batches=trials), batch_axis=False) is None


def test_squeeze_that_breaks_only_a_batch_of_one_is_no_fault(lenet: Any) -> None:
    assert fault(lenet(batches=(BatchTrial(1, (10,)), BatchTrial(2, (2, 10)))), batch_axis=True) is None


def test_a_fixed_batch_size_fails_for_the_last_batch(lenet: Any) -> None:
    trials = (
        BatchTrial(5, (), "RuntimeError: shape '[64, 400]' is invalid for input of size 2000"),
        BatchTrial(64, (64, 10)),
    )
    found = fault(lenet(batches=trials), batch_axis=True)
    assert found is not None
    assert "shape '[64, 400]' is invalid" in found.text
    assert "5×1×28×28" in found.text
    assert not found.ours


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (CHANNELS, "inceptions.7 got 512 channels where it expects 528"),
        (FEATURES, "inceptions.7 got 400 features where it expects 256"),
        (KERAS_DENSE, "inceptions.7 got 256 features where it expects 400"),
        (
            "RuntimeError: Output size is too small\nmore",
            "fails in inceptions.7 (input 64×512×2×2): RuntimeError: Output",
        ),
        ("", "unknown reason"),
    ],
)
def test_a_failing_forward_names_the_layer_and_what_clashed(lenet: Any, message: str, said: str) -> None:
    error = ForwardError(message, "inceptions.7", "Conv2d", ((64, 512, 2, 2),))
    found = fault(lenet(error=error, output_shape=(), input_shape=(64, 3, 32, 32)), batch_axis=True)
    assert found is not None
    assert said in found.text
    assert "64×3×32×32" in found.text


def test_sizes_that_clash_with_a_batch_of_ours_are_not_held_against_a_student(lenet: Any) -> None:
    def judged(message: str, shape: tuple[int, ...], origin: str) -> bool:
        found = fault(lenet(error=ForwardError(message), input_shape=shape, input_origin=origin), batch_axis=True)
        assert found is not None
        return found.ours

    assert judged(FEATURES, (64, 1, 28, 28), "plan")
    assert not judged(FEATURES, (64, 1, 28, 28), "seen")
    assert not judged(CHANNELS, (64, 3, 32, 32), "plan")
    assert judged(CHANNELS.replace("512", "3"), (64, 3, 32, 32), "plan")
