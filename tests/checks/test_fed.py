from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks.fed import normalised
from grader.records import Layer, Training

CONV = Layer("conv", "Conv2D", output=(8, 26, 26, 32), parameters=320)
RESCALE = Layer("rescale", "Rescaling", config={"scale": 1 / 255})
BATCH_NORM = Layer("norm", "BatchNormalization", parameters=12)


def stages(low, high):
    return [Training(0, "keras"), Training(0, "keras", input_range=(low, high))]


@pytest.mark.parametrize(
    ("layers", "low", "high", "share", "said"),
    [
        ((CONV,), 0.0, 1.0, 1, "from 0 to 1."),
        ((CONV,), -1.0, 1.0, 1, ""),
        ((CONV,), -0.42, 2.8, 1, ""),
        ((CONV,), 0.0, 255.0, 0, "Divide|expected a range of about 1"),
        ((CONV,), 0.0, 1 / 255, 0, "scaled more than once"),
        ((RESCALE, CONV), 0.0, 255.0, 1, "from 0 to 1."),
        ((RESCALE, CONV), 0.0, 1.0, 0, "scaled more than once"),
        ((BATCH_NORM, CONV), 0.0, 255.0, 1, "normalises"),
        ((CONV, BATCH_NORM), 0.0, 255.0, 0, ""),
        ((CONV,), -123.7, 151.1, 1, ""),
        ((Layer("l", "Lambda"), CONV), 0.0, 255.0, None, "not seen"),
    ],
)
def test_pictures_are_scaled_once(lenet, layers, low, high, share, said):
    part = normalised(replace(lenet(), layers=layers), stages(low, high))
    assert part.share == share
    assert any(words in part.text for words in said.split("|"))


def test_a_range_that_nobody_saw_counts_neither_way(lenet):
    assert normalised(lenet(), [Training(0, "keras")]).share is None
