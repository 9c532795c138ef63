from __future__ import annotations

from grader.checks.flow import channel_branches, in_canonical_order
from grader.checks.steps import signature
from grader.records import Layer

MAPS = (4, 8, 6, 6)


def call(kind: str, *sources: int, kernel: int = 1) -> Layer:
    config = {"kernel_size": (kernel, kernel)} if kind[0].isupper() else {}
    output = (4, 8 * len(sources), 6, 6) if kind == "cat" else MAPS
    return Layer(kind, kind, kind.islower(), config, tuple(MAPS for _ in sources), output, sources=sources)


def test_a_chain_keeps_its_order() -> None:
    assert in_canonical_order([call("Conv2d", -1), call("relu", 0), call("Conv2d", 1)], signature) == [0, 1, 2]


def test_branches_are_sorted_by_what_they_do() -> None:
    stem = call("Conv2d", -1, kernel=7)
    one = [stem, call("Conv2d", 0, kernel=1), call("Conv2d", 0, kernel=5), call("relu", 2), call("cat", 1, 3)]
    other = [stem, call("Conv2d", 0, kernel=5), call("Conv2d", 0, kernel=1), call("relu", 1), call("cat", 3, 2)]

    def kernels(layers: list[Layer]) -> list[object]:
        return [layers[i].config.get("kernel_size") for i in in_canonical_order(layers, signature)]

    assert kernels(one) == kernels(other) == [(7, 7), (1, 1), (5, 5), None, None]


def test_every_layer_comes_once_even_with_loops_and_wild_indices() -> None:
    layers = [call("Conv2d", 2), call("Conv2d", 99, 1), call("cat", 0, 1, 0), call("Conv2d", -5)]
    assert sorted(in_canonical_order(layers, signature)) == [0, 1, 2, 3]


def test_a_shortcut_is_a_branch_of_its_own() -> None:
    layers = [call("Conv2d", -1), call("Conv2d", 0, kernel=3), call("add", 1, 0)]
    assert in_canonical_order(layers, signature) == [0, 1, 2]


def test_a_deep_network_does_not_exhaust_the_stack() -> None:
    layers = [call("Conv2d", i - 1) for i in range(3000)] + [call("cat", 2999, 0)]
    assert len(in_canonical_order(layers, signature)) == 3001


def test_branches_count_on_the_channel_axis_and_only_different_ones() -> None:
    four = [*(call("Conv2d", -1) for _ in range(4)), call("cat", 0, 1, 2, 3)]
    assert channel_branches(four, "torch") == 4
    assert channel_branches([four[0], call("cat", 0, 0, 0, 0)], "torch") == 1
    on_batch = Layer("cat", "cat", True, {}, (MAPS, MAPS), (8, 8, 6, 6), sources=(0, 1))
    assert channel_branches([on_batch], "torch") == 0
    keras = Layer(
        "c", "Concatenate", False, {"axis": -1}, ((None, 6, 6, 8), (None, 6, 6, 4)), (None, 6, 6, 12), sources=(0, 1)
    )
    assert channel_branches([keras], "keras") == 2
    assert channel_branches([], "torch") == 0
