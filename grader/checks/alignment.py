"""A student's network beside the reference's: which step stands for which, and which of them agree."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import zip_longest
from typing import Literal

from rapidfuzz.distance import Indel

from grader.checks.steps import ACTIVATIONS, POOLS, WINDOWS, Step
from grader.records import LayerRow, LayerTable

Allowed = Literal["activation", "pooling", "input_padding", "dropout", "batch_norm"]
Pair = tuple[Step | None, Step | None]
Key = Callable[[Step], Hashable]
NOTHING = "—"


def compare(student: Sequence[Step], expected: Sequence[Step], allow: Sequence[Allowed] = ()) -> LayerTable:
    """The two networks line by line. Each step is judged by its own settings, so that one wrong size counts once.

    Args:
        student: Steps of the student's model.
        expected: Steps of the reference's model.
        allow: Kinds of difference that count as agreement.
    """

    def family(step: Step) -> str:
        return _family(step, allow)

    def exact(step: Step) -> Hashable:
        return family(step), step.units, *_window(step)

    pairs = align(_comparable(student, allow), _comparable(expected, allow), (exact, family, _shared_kind))
    door = next((b for _, b in pairs if b and b.kind == "conv"), None) if "input_padding" in allow else None
    rows = tuple(
        LayerRow(str(a or NOTHING), str(b or NOTHING), _agree(a, b, family, any_padding=b is door)) for a, b in pairs
    )
    first = next((i for i, row in enumerate(rows) if not row.agrees), None)
    return LayerTable(rows, first)


def align(left: Sequence[Step], right: Sequence[Step], keys: Sequence[Key]) -> list[Pair]:
    """Pair two sequences so that the most steps with an equal first key meet, then, in the gaps, an equal second key.

    Uses the longest common subsequence (`rapidfuzz.distance.Indel`). What is left in a gap is paired in order.
    """
    if not keys or not left or not right:
        return list(zip_longest(left, right))
    key, *rest = keys
    pairs: list[Pair] = []
    i = j = 0
    for block in Indel.opcodes([key(s) for s in left], [key(s) for s in right]):
        if block.tag == "equal":
            pairs += align(left[i : block.src_start], right[j : block.dest_start], rest)
            i, j = block.src_end, block.dest_end
            pairs += zip(left[block.src_start : i], right[block.dest_start : j], strict=True)
    return pairs + align(left[i:], right[j:], rest)


def _comparable(steps: Sequence[Step], allow: Sequence[Allowed]) -> list[Step]:
    dropped = {"flatten", *({"dropout", "batch_norm"} & set(allow))}
    kept = [step for step in steps if step.kind not in dropped]
    # Softmax at the end is a matter of the loss: PyTorch takes logits, Keras mostly probabilities.
    if kept and kept[-1].kind == "softmax":
        kept.pop()
    return _activations_first(kept, allow)


def _activations_first(steps: Sequence[Step], allow: Sequence[Allowed]) -> list[Step]:
    """Activation before pooling, which for max pooling gives the same numbers as after it."""
    ordered: list[Step] = []
    for step in steps:
        swaps = ordered and (ordered[-1].kind == "max_pool" or ("activation" in allow and ordered[-1].kind in POOLS))
        if step.kind in ACTIVATIONS and swaps:
            ordered.insert(-1, step)
        else:
            ordered.append(step)
    return ordered


def _family(step: Step, allow: Sequence[Allowed]) -> str:
    if "activation" in allow and step.kind in ACTIVATIONS:
        return "activation"
    if "pooling" in allow and step.kind in ("max_pool", "avg_pool"):
        return "pool"
    return step.type if step.kind == "other" else step.kind


def _shared_kind(step: Step) -> str:
    return "pool" if step.kind in POOLS else "activation" if step.kind in ACTIVATIONS else step.kind


def _window(step: Step) -> tuple[Hashable, ...]:
    return (step.kernel, step.stride) if step.kind in WINDOWS else ()


def _agree(a: Step | None, b: Step | None, family: Key, *, any_padding: bool) -> bool:
    if a is None or b is None or (family(a), a.units) != (family(b), b.units):
        return False
    if a.kind not in WINDOWS:
        return True
    # A functional call may hide its window: what is not known is no difference.
    same_window = all(x == y or not x or not y for x, y in ((a.kernel, b.kernel), (a.stride, b.stride)))
    return same_window and (a.output[1:] == b.output[1:] if any_padding else _same_padding(a, b))


def _same_padding(a: Step, b: Step) -> bool:
    return not a.modes or not b.modes or bool(a.modes & b.modes)
