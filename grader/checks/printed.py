"""Which layers of a network stand in what the code printed, as summaries of Keras and PyTorch name them."""

from __future__ import annotations

from grader.checks.steps import kind_of
from grader.records import Evidence, Model

_MOST_TEXT = 200_000  # characters of each cell: the summary of ResNet-152 has some 60,000
# What stands in the line of such a layer: `block1_conv1 (Conv2D)`, `(0): Conv2d(3, 64, ...)`, `fc1 (Dense)`.
_WORDS = {"conv": ("conv",), "dense": ("dense", "linear", "predictions", "fc")}


def named_layers(evidence: Evidence, model: Model) -> tuple[int, int]:
    """How many of a model's convolutions and dense layers the printed text can name, and how many it has.

    A line counts for one layer: the heading `VGG16` names none of the sixteen.
    """
    printed = "\n".join(run.text[-_MOST_TEXT:] for run in evidence.question.runs).casefold()
    lines = [line for part in printed.split("\n") for line in part.split("\r")]
    kinds = [kind_of(layer) for layer in model.layers if not layer.functional]
    found = wanted = 0
    for kind, words in _WORDS.items():
        there = kinds.count(kind)
        found += min(there, sum(any(word in line for word in words) for line in lines))
        wanted += there
    return found, wanted
