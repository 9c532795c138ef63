"""Whether pictures are scaled as a pretrained network expects them: what the code says of it.

Each network of `keras.applications` comes with a `preprocess_input` of its own. They are of three kinds: means of
ImageNet taken off, values divided to −1…1, or those of torchvision (keras.io/api/applications).
"""

from __future__ import annotations

import ast
from typing import Literal

from grader.checks import code
from grader.records import Evidence, Model

Network = Literal[
    "densenet", "inception_resnet_v2", "inception_v3", "mobilenet", "mobilenet_v2", "nasnet", "resnet", "resnet50",
    "resnet_v2", "vgg16", "vgg19", "xception",
]  # fmt: skip
_KINDS: dict[str, str] = {
    **dict.fromkeys(("resnet", "resnet50", "vgg16", "vgg19"), "means"),
    **dict.fromkeys(("inception_resnet_v2", "inception_v3", "mobilenet", "mobilenet_v2"), "one"),
    **dict.fromkeys(("nasnet", "resnet_v2", "xception"), "one"),
    "densenet": "torchvision",
}


def wrong_scaling(evidence: Evidence, model: Model, network: Network) -> str | None:
    """What is wrong with the scaling of pictures for a network; empty if nothing is; None where nothing is known.

    Args:
        evidence: Of the question.
        model: The model that stands on the network.
        network: Module of `keras.applications`, such as `vgg16`.
    """
    used = [(name, where) for name, where in code.uses(evidence) if name.endswith(".preprocess_input")]
    for name, where in used:
        module = name.split(".")[-2]
        if _KINDS.get(module, _KINDS[network]) != _KINDS[network]:
            return f"Pictures are scaled as {module} expects them ({where}), and not as {network} does."
    rescaled = any(layer.type == "Rescaling" for layer in model.layers)
    if used and (rescaled or code.place(evidence, _scales_twice)):
        return (
            "Pictures are scaled twice: divided by 255, and then by preprocess_input, which expects values up to 255."
        )
    return "" if used else None


def _scales_twice(node: ast.AST) -> bool:
    """`ImageDataGenerator(rescale=1 / 255, preprocessing_function=preprocess_input)`: one after the other."""
    return isinstance(node, ast.Call) and {"rescale", "preprocessing_function"} <= {k.arg for k in node.keywords}
