"""The first convolution of a Keras model: its filters, and its maps of what the student fed it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.probe.keras_models import Models
from grader.probe.layer_pictures import described


def first_convolution(model: Any, models: Models) -> Iterator[dict[str, Any]]:
    """A `records.LayerPictures` without its model, or nothing where there is no convolution over pictures."""
    first = next((layer for layer in model._flatten_layers() if type(layer).__name__ == "Conv2D" and layer.built), None)
    if first is None:
        return
    filters = np.transpose(np.asarray(first.get_weights()[0]), (3, 2, 0, 1))
    yield described(first.name, filters, *_maps(model, first, models))


def _maps(model: Any, convolution: Any, models: Models) -> tuple[Any, Any]:
    """The output of the convolution for the first picture that went through it, and that picture; None if none did."""
    for user in (model, *models.used()):
        fed = next(iter(models.fed(user, ("predict", "call", "evaluate", "fit"))), None)
        if fed is None or not any(layer is convolution for layer in user._flatten_layers()):
            continue
        rows = np.asarray(fed.rows())[:1]
        output = _output(user, convolution, rows)
        if output is not None:
            return np.moveaxis(output[0], -1, 0), rows[0].mean(axis=-1) if rows.ndim == 4 else None
    return None, None


def _output(user: Any, convolution: Any, rows: Any) -> Any:
    """What the layer gives while a model runs, of whatever form: a sub-model exists of functional ones only."""
    kept: list[Any] = []
    call = convolution.call

    def noting(*args: Any, **kwargs: Any) -> Any:
        kept.append(call(*args, **kwargs))
        return kept[-1]

    vars(convolution)["call"] = noting
    try:
        with contextlib.suppress(Exception):  # a pass that fails behind the convolution has its map by then
            user(rows, training=False)
    finally:
        vars(convolution).pop("call")
    return np.asarray(kept[0]) if kept else None
