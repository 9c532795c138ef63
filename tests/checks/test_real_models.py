"""Real PyTorch and Keras models, recorded by the probe, through the check `architecture`."""

from __future__ import annotations

import os
from typing import Any

import pytest
from pydantic import TypeAdapter

from grader.checks.architecture import ArchitectureParameters, architecture
from grader.records import Evidence, Model

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
LENET = ArchitectureParameters(allow=("activation", "pooling", "input_padding"), parameters=61_706, output=10)
INCEPTION = ArchitectureParameters(branches=4, required=("conv", "concat", "conv", "concat"), output=10)

pytestmark = pytest.mark.torch


def torch_model(network: Any, *shape: int) -> Model:
    """What the probe records of a PyTorch network that was fed such a batch."""
    import torch

    from grader.probe.torch_forward import Fed, examine

    seen = examine(network, Fed((torch.zeros(*shape),), shape, "seen"))
    count = sum(p.numel() for p in network.parameters())
    head = {"name": "net", "class_name": type(network).__name__, "framework": "torch", "parameters": count}
    return TypeAdapter(Model).validate_python({**head, **seen})


def keras_model(network: Any, *shape: int) -> Model:
    """What the probe records of a Keras network that was fed such a batch."""
    import numpy as np

    from grader.probe.keras_forward import examine

    seen = examine(network, np.zeros(shape, np.float32), shape[0])
    count = network.count_params()
    head = {"name": "net", "class_name": type(network).__name__, "framework": "keras", "parameters": count}
    return TypeAdapter(Model).validate_python({**head, **seen, "input_origin": "seen"})


def lenet(*, size: int, mix: bool = False) -> Any:
    """LeNet-5 with C5 as a convolution; `mix` flattens as a student did whose maps were 2×2 and not 1×1."""
    import torch
    from torch import nn

    class LeNet5(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c1, self.c3 = nn.Conv2d(1, 6, 5, padding=2 if size == 28 or mix else 0), nn.Conv2d(6, 16, 5)
            self.c5, self.f6, self.out = nn.Conv2d(16, 120, 5), nn.Linear(120, 84), nn.Linear(84, 10)
            self.pool = nn.AvgPool2d(2)

        def forward(self, x: Any) -> Any:
            x = self.pool(torch.tanh(self.c1(x)))
            x = torch.tanh(self.c5(self.pool(torch.tanh(self.c3(x)))))
            x = x.view(-1, 120) if mix else x.flatten(1)
            return self.out(torch.tanh(self.f6(x)))

    return LeNet5()


def inception(inputs: int) -> Any:
    """A small inception module in PyTorch with 24 channels."""
    import torch
    import torch.nn.functional as f
    from torch import nn

    class Inception(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Conv2d(inputs, 8, 1)
            self.three = nn.Sequential(nn.Conv2d(inputs, 4, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, padding=1))
            self.five = nn.Sequential(nn.Conv2d(inputs, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 5, padding=2))
            self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(inputs, 4, 1))

        def forward(self, x: Any) -> Any:
            return torch.cat([f.relu(branch(x)) for branch in (self.one, self.three, self.five, self.pool)], 1)

    return Inception()


def googlenet(inputs: int = 24) -> Any:
    from torch import nn

    stem = nn.Conv2d(3, 16, 3, padding=1), nn.ReLU()
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10)
    return nn.Sequential(*stem, inception(16), inception(inputs), *head)


@pytest.fixture
def judge(evidence: Any) -> Any:
    def verdict(student: Model, parameters: ArchitectureParameters, reference: Model) -> Any:
        seen: Evidence = evidence(models=(student,))
        return architecture(seen, parameters, evidence(models=(reference,)))

    return verdict


def test_lenet_in_other_words(judge: Any) -> None:
    from torch import nn

    pool = nn.MaxPool2d(2)
    convolutions = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), pool, nn.Conv2d(6, 16, 5), nn.ReLU(), pool)
    dense = nn.Sequential(
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
    )
    student = torch_model(nn.Sequential(convolutions, dense), 4, 1, 32, 32)
    verdict = judge(student, LENET, torch_model(lenet(size=28), 4, 1, 28, 28))
    assert verdict.share == 1.0
    assert "11 of 11 layers agree" in verdict.rationale


def test_the_batch_axis_bug(judge: Any) -> None:
    verdict = judge(
        torch_model(lenet(size=32, mix=True), 64, 1, 32, 32), LENET, torch_model(lenet(size=28), 4, 1, 28, 28)
    )
    assert verdict.share == 0.0
    assert "A batch of 64 images comes out as 256 rows" in verdict.rationale
    assert verdict.exhibits[0].rows[0].student == "Conv2d 6@5×5 padding 2 → 6×32×32"
    assert verdict.exhibits[0].first_difference == 0


def test_the_channel_bug(judge: Any) -> None:
    verdict = judge(torch_model(googlenet(28), 4, 3, 32, 32), INCEPTION, torch_model(googlenet(), 4, 3, 32, 32))
    assert verdict.share == 0.0
    assert "3.one got 24 channels where it expects 28" in verdict.rationale


@pytest.mark.tensorflow
def test_keras_against_pytorch(judge: Any) -> None:
    reference = torch_model(lenet(size=28), 4, 1, 28, 28)  # first: torch must be imported before TensorFlow
    from keras import Input, Sequential, layers

    student = Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5),
            layers.Activation("relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    verdict = judge(keras_model(student, 4, 28, 28, 1), LENET, reference)
    assert verdict.share == 1.0
    assert "11 of 11 layers agree" in verdict.rationale


@pytest.mark.tensorflow
def test_inception_in_keras_with_its_branches_in_another_order(judge: Any) -> None:
    reference = torch_model(googlenet(), 4, 3, 32, 32)
    from keras import Input, layers
    from keras import Model as Functional

    def module(x: Any) -> Any:
        def conv(filters: int, size: int) -> Any:
            return layers.Conv2D(filters, size, padding="same", activation="relu")

        pooled = conv(4, 1)(layers.MaxPooling2D(3, 1, "same")(x))
        five = conv(4, 5)(conv(2, 1)(x))
        three = conv(8, 3)(conv(4, 1)(x))
        return layers.Concatenate()([pooled, five, conv(8, 1)(x), three])

    image = Input((32, 32, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(image)
    x = layers.GlobalAveragePooling2D()(module(module(x)))
    verdict = judge(keras_model(Functional(image, layers.Dense(10)(x)), 4, 32, 32, 3), INCEPTION, reference)
    assert verdict.share == 1.0
    assert "32 of 32 layers agree" in verdict.rationale
    assert "At most 4 branches" in verdict.rationale
