"""What an app feeds its network: shape and range, by which its preprocessing can be compared with the training's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

PICTURES = 4  # axes of a batch of pictures
Json = dict[str, Any]


@contextmanager
def fed_to_models() -> Iterator[list[Json]]:
    """What the first calls of networks are given meanwhile; frameworks that nobody has imported are not watched."""
    fed: list[Json] = []
    undo: list[Callable[[], None]] = []
    if "torch" in sys.modules:
        undo.append(_watch_torch(fed))
    if "keras" in sys.modules:
        undo += _watch_keras(fed)
    try:
        yield fed
    finally:
        for back in undo:
            back()


def _note(fed: list[Json], batch: Any) -> None:
    """Keep shape and range of a batch of pictures; anything else is none."""
    try:
        array = np.asarray(batch.detach().cpu() if hasattr(batch, "detach") else batch, dtype=float)
        if array.ndim == PICTURES and array.size and len(fed) < PICTURES:
            fed.append({"input_shape": list(array.shape), "input_range": [float(array.min()), float(array.max())]})
    except Exception:  # a symbolic tensor, or what has no numbers
        return


def _watch_torch(fed: list[Json]) -> Callable[[], None]:
    from torch.nn.modules.module import register_module_forward_pre_hook

    def before(module: Any, given: tuple[Any, ...]) -> None:
        # Transforms are modules, too, and have no weights. The first call is the outermost one.
        if given and not fed and next(module.parameters(), None) is not None:
            _note(fed, given[0])

    handle = register_module_forward_pre_hook(before)
    return handle.remove


def _watch_keras(fed: list[Json]) -> Iterator[Callable[[], None]]:
    from keras import Model

    for name in ("predict", "predict_on_batch", "__call__"):
        yield _wrapped(Model, name, fed)


def _wrapped(owner: Any, name: str, fed: list[Json]) -> Callable[[], None]:
    own, inherited = name in vars(owner), getattr(owner, name)

    @wraps(inherited)
    def noted(model: Any, *args: Any, **kwargs: Any) -> Any:
        if not fed:
            _note(fed, args[0] if args else kwargs.get("x"))
        return inherited(model, *args, **kwargs)

    setattr(owner, name, noted)
    return lambda: setattr(owner, name, inherited) if own else delattr(owner, name)
