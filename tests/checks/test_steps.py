from __future__ import annotations

from typing import Any

import pytest

from grader.checks.steps import kind_of, steps, times
from grader.records import Layer, Model


def model(*layers: Layer, framework: Any = "torch") -> Model:
    return Model("m", "M", framework, layers=layers)


def test_lenet_reads_as_in_the_paper(lenet: Any) -> None:
    assert [str(step) for step in steps(lenet())] == [
        "Conv2d 6@5×5 padding 2 → 6×28×28",
        "tanh → 6×28×28",
        "AvgPool2d 2×2 → 6×14×14",
        "Conv2d 16@5×5 → 16×10×10",
        "tanh → 16×10×10",
        "AvgPool2d 2×2 → 16×5×5",
        "flatten → 400",
        "Linear → 120",
        "tanh → 120",
        "Linear → 84",
        "tanh → 84",
        "Linear → 10",
    ]


def test_keras_is_turned_channels_first_and_fused_activations_are_steps() -> None:
    conv = Layer(
        "c", "Conv2D", config={"kernel_size": (5, 5), "strides": (2, 2), "padding": "same", "activation": "relu"},
        inputs=((None, 28, 28, 1),), output=(None, 14, 14, 6),
    )  # fmt: skip
    dense = Layer("d", "Dense", config={"activation": "linear"}, inputs=((None, 84),), output=(None, 10))
    found = steps(model(conv, dense, framework="keras"))
    assert [step.kind for step in found] == ["conv", "relu", "dense"]
    assert str(found[0]) == "Conv2D 6@5×5 stride 2 padding same → 6×14×14"
    assert found[0].modes == {"same"}


def test_keras_with_channels_first_stays_as_it_is() -> None:
    conv = Layer("c", "Conv2D", config={"kernel_size": (3, 3), "data_format": "channels_first"}, output=(2, 8, 30, 31))
    assert steps(model(conv, framework="keras"))[0].output == (8, 30, 31)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Conv2d", "conv"), ("conv2d", "conv"), ("Linear", "dense"), ("Dense", "dense"), ("MaxPool2d", "max_pool"),
        ("max_pool2d", "max_pool"), ("AveragePooling2D", "avg_pool"), ("GlobalAveragePooling2D", "global_pool"),
        ("BatchNorm2d", "batch_norm"), ("BatchNormalization", "batch_norm"), ("ReLU", "relu"),
        ("LeakyReLU", "activation"), ("log_softmax", "softmax"),
        ("cat", "concat"), ("Concatenate", "concat"), ("add", "add"),
        ("LocalResponseNorm", "other"), ("InputLayer", None),
    ],
)  # fmt: skip
def test_kinds_of_both_frameworks(type_: str, kind: str | None) -> None:
    assert kind_of(Layer("x", type_, inputs=((1, 4, 8, 8),), output=(1, 4, 8, 8))) == kind


def test_unknown_functions_are_noise_and_unknown_layers_are_not() -> None:
    assert kind_of(Layer("x", "permute_like", functional=True)) is None
    assert kind_of(Layer("x", "MyLayer")) == "other"


def test_a_view_that_keeps_the_picture_is_no_flatten() -> None:
    assert kind_of(Layer("x", "view", True, inputs=((8, 28, 28),), output=(8, 1, 28, 28))) is None
    assert kind_of(Layer("x", "view", True, inputs=((64, 120, 2, 2),), output=(256, 120))) == "flatten"


def test_a_convolution_over_the_whole_map_is_a_dense_layer() -> None:
    c5 = Layer("c5", "Conv2d", config={"kernel_size": (5, 5)}, inputs=((1, 16, 5, 5),), output=(1, 120, 1, 1))
    (step,) = steps(model(c5))
    assert (step.kind, step.units, str(step)) == ("dense", 120, "Conv2d 120@5×5 → 120×1×1")


def test_a_dense_layer_on_a_map_that_was_not_flattened_is_none() -> None:
    on_map = Layer("d", "Dense", config={"units": 10}, inputs=((8, 13, 13, 32),), output=(8, 13, 13, 10))
    assert [step.kind for step in steps(model(on_map))] == ["other"]
    flat = Layer("d", "Linear", inputs=((8, 5408),), output=(8, 10))
    assert [step.kind for step in steps(model(flat))] == ["dense"]


@pytest.mark.parametrize("rate", [{"p": 0.0}, {"rate": 0}])
def test_a_dropout_of_nothing_is_none(rate: dict[str, float]) -> None:
    assert kind_of(Layer("x", "Dropout", config=rate)) is None
    assert kind_of(Layer("x", "Dropout", config={"p": 0.5})) == "dropout"


def test_average_pooling_of_the_whole_map_is_global() -> None:
    for config in ({"kernel_size": 4}, {"output_size": (1, 1)}):
        pool = Layer("p", "AvgPool2d", config=config, inputs=((1, 8, 4, 4),), output=(1, 8, 1, 1))
        assert steps(model(pool))[0].kind == "global_pool"


def test_zero_padding_belongs_to_the_convolution_behind_it() -> None:
    pad = Layer("p", "ZeroPadding2D", config={"padding": 2}, inputs=((1, 28, 28, 1),), output=(1, 32, 32, 1))
    conv = Layer(
        "c", "Conv2D", config={"kernel_size": (5, 5)}, inputs=((1, 32, 32, 1),), output=(1, 28, 28, 6), sources=(0,)
    )
    (step,) = steps(model(pad, conv, framework="keras"))
    assert step.modes == {"same"}


def test_a_container_beside_its_own_layers_vanishes() -> None:
    inner = Layer("vgg16/conv1", "Conv2D", output=(1, 8, 8, 4))
    outer = Layer("vgg16", "Functional", output=(1, 8, 8, 4))
    assert [step.name for step in steps(model(inner, outer, framework="keras"))] == ["vgg16/conv1"]


def test_a_model_without_layers_has_no_steps() -> None:
    assert steps(model()) == ()
    assert times(()) == "?"


def test_malformed_layers_do_no_harm() -> None:
    for kind in ("Conv2d", "Linear", "MaxPool2d", "AvgPool2d", "cat", "view", "mean", "ZeroPad2d"):
        for shape in ((), (None,), (0, 0, 0, 0)):
            strange = Layer("x", kind, config={"kernel_size": (), "stride": 0}, inputs=(shape,), output=shape)
            assert len(steps(model(strange, strange))) <= 2
