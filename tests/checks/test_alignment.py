from __future__ import annotations

from typing import Any

from grader.checks.alignment import NOTHING, compare
from grader.checks.steps import Step, steps


def test_equal_networks_agree_in_every_line(lenet: Any) -> None:
    table = compare(steps(lenet()), steps(lenet()))
    assert table.first_difference is None
    assert len(table.rows) == 11  # twelve steps without flatten


def test_one_wrong_kernel_is_one_wrong_line(lenet: Any) -> None:
    table = compare(steps(lenet(kernel=3, padding=1)), steps(lenet()))
    assert [row.agrees for row in table.rows].count(False) == 1
    assert table.first_difference == 0
    assert table.rows[0].student == "Conv2d 6@3×3 padding 1 → 6×28×28"


def test_a_wrong_size_in_front_counts_once(lenet: Any) -> None:
    table = compare(steps(lenet(padding=0)), steps(lenet()))
    assert [i for i, row in enumerate(table.rows) if not row.agrees] == [0]


def test_padding_of_a_28_picture_and_a_32_picture_are_the_same_if_allowed(lenet: Any) -> None:
    big = steps(lenet(padding=0, size=32))
    assert compare(big, steps(lenet()), ("input_padding",)).first_difference is None
    assert compare(big, steps(lenet())).first_difference == 0
    # Both together are a mistake: the maps come out as 32×32.
    assert compare(steps(lenet(padding=2, size=32)), steps(lenet()), ("input_padding",)).first_difference == 0


def test_activations_differ_unless_that_is_allowed(lenet: Any) -> None:
    relu = steps(lenet(activation="relu"))
    assert [row.agrees for row in compare(relu, steps(lenet())).rows].count(False) == 4
    assert compare(relu, steps(lenet()), ("activation",)).first_difference is None


def test_no_activations_at_all_are_missing_lines(lenet: Any) -> None:
    bare = [step for step in steps(lenet()) if step.kind != "tanh"]
    table = compare(bare, steps(lenet()), ("activation",))
    assert [row.student for row in table.rows if not row.agrees] == [NOTHING] * 4


def test_activation_after_max_pooling_is_the_same_as_before() -> None:
    conv, relu = Step("conv", "Conv2d", 6, (5, 5), (1, 1)), Step("relu", "ReLU")
    pool = Step("max_pool", "MaxPool2d", None, (2, 2), (2, 2))
    assert compare([conv, pool, relu], [conv, relu, pool]).first_difference is None


def test_softmax_at_the_end_and_allowed_layers_cost_nothing() -> None:
    dense = Step("dense", "Linear", 10)
    dropout, norm = Step("dropout", "Dropout"), Step("batch_norm", "BatchNorm2d")
    assert compare([dense, Step("softmax", "Softmax")], [dense]).first_difference is None
    assert compare([norm, dropout, dense], [dense], ("dropout", "batch_norm")).first_difference is None
    assert compare([dropout, dense], [dense]).first_difference == 0


def test_a_layer_too_many_moves_nothing_else(lenet: Any) -> None:
    expected = steps(lenet())
    extra = Step("conv", "Conv2d", 32, (3, 3), (1, 1), output=(32, 8, 8))
    table = compare([*expected[:4], extra, *expected[4:]], expected)
    assert [(row.student, row.expected) for row in table.rows if not row.agrees] == [(str(extra), NOTHING)]


def test_a_replaced_layer_stands_beside_the_one_it_replaces() -> None:
    avg, most = Step("avg_pool", "AvgPool2d", None, (2, 2)), Step("max_pool", "MaxPool2d", None, (2, 2))
    dense = Step("dense", "Linear", 10)
    table = compare([dense, most, dense], [dense, avg, dense])
    assert len(table.rows) == 3
    assert [row.agrees for row in table.rows] == [True, False, True]


def test_nothing_beside_something() -> None:
    dense = Step("dense", "Linear", 10)
    assert compare([], [dense]).rows[0].student == NOTHING
    assert compare([], []).rows == ()
