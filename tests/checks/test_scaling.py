"""Are pictures scaled as the pretrained network expects them?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.scaling import wrong_scaling
from grader.records import Cell, Layer

OWN = "from tensorflow.keras.applications.vgg16 import preprocess_input\n"
OTHER = "from tensorflow.keras.applications import inception_v3\nx = inception_v3.preprocess_input(x)"
GENERATOR = "ImageDataGenerator(preprocessing_function=preprocess_input)"
TWICE = "ImageDataGenerator(rescale=1 / 255, preprocessing_function=preprocess_input)"


@pytest.fixture
def judge(evidence: Any, lenet: Any) -> Any:
    def verdict(code: str, *layers: Layer) -> str | None:
        seen = replace(evidence(), cells=(Cell(1, "code", code),))
        return wrong_scaling(seen, replace(lenet(), layers=layers), "vgg16")

    return verdict


@pytest.mark.parametrize("code", [OWN + GENERATOR, "import keras\nx = keras.applications.vgg16.preprocess_input(x)"])
def test_the_networks_own_scaling_is_right(judge: Any, code: str) -> None:
    assert judge(code) == ""


def test_the_scaling_of_another_network_is_named(judge: Any) -> None:
    assert "as inception_v3 expects them (cell 1, line 2), and not as vgg16 does" in judge(OTHER)


def test_another_network_with_the_same_scaling_does_no_harm(judge: Any) -> None:
    assert judge("from keras.applications.resnet50 import preprocess_input\n" + GENERATOR) == ""


def test_scaled_twice(judge: Any) -> None:
    assert "scaled twice" in judge(OWN + TWICE)
    assert "scaled twice" in judge(OWN + "x = preprocess_input(x)", Layer("rescaling", "Rescaling"))


def test_two_generators_with_a_scaling_each_are_not_scaled_twice(judge: Any) -> None:
    assert judge(OWN + GENERATOR + "\nshown = ImageDataGenerator(rescale=1 / 255)") == ""


@pytest.mark.parametrize("code", ["ImageDataGenerator(rescale=1 / 255)", "T.Normalize([0.5], [0.5])", ""])
def test_without_such_a_function_nothing_is_known(judge: Any, code: str) -> None:
    assert judge(code) is None
