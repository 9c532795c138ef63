"""Evidence built by hand: what the probe would have seen, as records."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from grader.records import (
    Answer,
    CellRun,
    ErrorTrace,
    Evidence,
    Layer,
    Model,
    Note,
    Number,
    Observation,
    QuestionTrace,
    Training,
)

Build = Callable[..., Evidence]


@pytest.fixture
def evidence() -> Build:
    def build(
        *,
        runs: tuple[CellRun, ...] = (CellRun(1, "ok", 5.0),),
        error: ErrorTrace | None = None,
        answer: Answer | None = None,
        numbers: tuple[Number, ...] = (),
        claimed: tuple[Number, ...] = (),
        notes: tuple[Note, ...] = (),
        labels: dict[str, tuple[int, ...]] | None = None,
        blobs: dict[str, bytes] | None = None,
        stand_ins: dict[str, str] | None = None,
        profile: Any = "full",
        **observed: Any,
    ) -> Evidence:
        seen = QuestionTrace(
            "q6",
            answer or Answer("q6", (1,), "some text", 0.9),
            runs,
            error,
            Observation("q6", **observed),
            numbers,
            claimed,
        )
        return Evidence(seen, blobs or {}, profile, notes, labels or {}, stand_ins or {})

    return build


@pytest.fixture
def npy() -> Callable[[Any], bytes]:
    def content(array: Any) -> bytes:
        stream = BytesIO()
        np.lib.format.write_array(stream, np.asarray(array, np.float32), allow_pickle=False)
        return stream.getvalue()

    return content


@pytest.fixture
def lenet() -> Callable[..., Model]:
    """LeNet-5 as PyTorch's watcher records it, with a batch of 64."""

    def build(
        *,
        kernel: int = 5,
        padding: int = 2,
        size: int = 28,
        filters: int = 16,
        trained: bool = True,
        activation: str = "tanh",
        **changes: Any,
    ) -> Model:
        layers: list[Layer] = []
        shape: tuple[int, ...] = (64, 1, size, size)

        def call(kind: str, output: tuple[int, ...], parameters: int = 0, **config: Any) -> None:
            nonlocal shape
            functional = kind.islower()
            source = len(layers) - 1
            name = f"l{len(layers)}"
            layers.append(Layer(name, kind, functional, config, (shape,), output, parameters, parameters, (source,)))
            shape = output

        def conv(units: int, window: int, pad: int) -> None:
            side = shape[2] + 2 * pad - window + 1
            weights = units * (shape[1] * window * window + 1)
            call(
                "Conv2d", (64, units, side, side), weights, kernel_size=(window,) * 2, stride=(1, 1), padding=(pad,) * 2
            )
            call(activation, (64, units, side, side))

        def pool() -> None:
            half = shape[2] // 2
            call("AvgPool2d", (64, shape[1], half, half), kernel_size=2, stride=2, padding=0)

        conv(6, kernel, padding)
        pool()
        conv(filters, 5, 0)
        pool()
        call("flatten", (64, shape[1] * shape[2] * shape[3]), start_dim=1)
        for units in (120, 84, 10):
            call("Linear", (64, units), units * (shape[1] + 1), in_features=shape[1], out_features=units)
            if units != 10:
                call(activation, (64, units))
        total = sum(layer.parameters for layer in layers)
        values: dict[str, Any] = {
            "name": "model",
            "class_name": "LeNet5",
            "framework": "torch",
            "trained": trained,
            "layers": tuple(layers),
            "parameters": total,
            "trainable_parameters": total,
            "input_shape": (64, 1, size, size),
            "input_origin": "seen",
            "output_shape": (64, 10),
        }
        return Model(**{**values, **changes})

    return build


@pytest.fixture
def training() -> Callable[..., Training]:
    def build(**changes: Any) -> Training:
        values: dict[str, Any] = {
            "model": 0,
            "framework": "torch",
            "epochs": 5,
            "steps": 100,
            "batch_size": 64,
            "changed": 10,
        }
        return Training(**{**values, **changes})

    return build
