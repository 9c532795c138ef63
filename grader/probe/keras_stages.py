"""One stage of Keras training: what it began with, what it changed, and how it is reported."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from grader.probe.keras_budget import Budget, Feed
from grader.probe.keras_forward import size_of
from grader.probe.keras_models import Fed

SAMPLE = 4096
MOST_RATES = 50
MOST_EPOCHS = 2000
MOST_NAMES = 200


@dataclass
class Stage:
    """One stage of training: a `fit`, the `train_on_batch` calls of a model, or the steps of one optimizer.

    Attributes:
        model: The model, if it is known.
        optimizer: Its optimizer.
        epochs_asked: Epochs that `fit` was asked for.
        budget: For a `fit` what it may compute.
        feeds: The batches of a `fit`: training first, then validation.
        fed: What it was fed.
        before: Digests of the parameters when the stage began, by id.
        applied: How often a loop of the student's called the optimizer.
        marks: Times at which an epoch of a `fit` began, and the last one ended.
        steps_before: Count of the optimizer when the stage began; None while it has not.
    """

    model: Any
    optimizer: Any
    epochs_asked: int | None = None
    budget: Budget | None = None
    feeds: list[Feed] = field(default_factory=list)
    fed: Fed | None = None
    before: dict[int, bytes] = field(default_factory=dict)
    steps_before: int | None = None
    applied: int = 0
    steps: int = 0
    epochs: int = 0
    images: int = 0
    batch_size: int | None = None
    loss: str = ""
    rates: list[float] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    trainable_parameters: int = 0
    changed: int = 0
    changed_parameters: int = 0
    unchanged: int = 0
    cut: str = ""
    from_logits: bool | None = None
    target_range: list[float] | None = None
    input_range: list[float] | None = None
    marks: list[float] = field(default_factory=list)
    device: str = ""
    unchanged_names: list[str] = field(default_factory=list)

    def begin(self, variables: Iterable[Any]) -> None:
        """The first step is about to be made."""
        self.before = digests(variables)
        self.steps_before = steps_of(self.optimizer)

    def note_rate(self) -> None:
        """Keep the learning rate if it is a new one."""
        rate = learning_rate(self.optimizer)
        if rate is not None and (not self.rates or rate != self.rates[-1]) and len(self.rates) < MOST_RATES:
            self.rates.append(rate)

    def end(self, variables: Iterable[Any]) -> None:
        """Compare the parameters with how they were, and count the steps."""
        if self.steps_before is None:
            return
        variables = list(variables)
        after = digests(variables)
        self.changed = sum(self.before.get(key) != digest for key, digest in after.items())
        same = {key for key, digest in after.items() if self.before.get(key) == digest}
        self.changed_parameters = size_of({id(v): v for v in variables if id(v) not in same}.values())
        self.unchanged_names = [path_of(v) for v in variables if id(v) in same][:MOST_NAMES]
        self.device = next((device_of(v) for v in variables), "")
        self.unchanged = len(after) - self.changed
        self.steps = steps_of(self.optimizer) - self.steps_before

    def report(self, models: list[Any], data_set: str) -> dict[str, Any]:
        """The stage as `grader.records.Training` in JSON form."""
        return {
            "model": next((i for i, model in enumerate(models) if model is self.model), None),
            "framework": "keras",
            "optimizer": optimizer_name(self.optimizer),
            "learning_rates": list(dict.fromkeys(self.rates)),
            "loss": self.loss,
            "epochs": self.epochs,
            "epochs_asked": self.epochs_asked,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "images": self.images,
            "history": self.history,
            "trainable_parameters": self.trainable_parameters,
            "changed": self.changed,
            "changed_parameters": self.changed_parameters,
            "unchanged": self.unchanged,
            "data_set": data_set,
            "cut": self.cut,
            "from_logits": self.from_logits,
            "target_range": self.target_range,
            "input_range": self.input_range,
            "seconds": [later - earlier for earlier, later in itertools.pairwise(self.marks)][:MOST_EPOCHS],
            "device": self.device,
            "unchanged_names": self.unchanged_names,
        }


def cut_words(stage: Stage, budget: str) -> str:
    """What the budget cut of a `fit`, for a person; empty if nothing."""
    parts = []
    for feed in stage.feeds:
        if feed.shortened:
            of = f"{feed.batches} of {feed.whole}" if feed.whole else f"{feed.batches}"
            parts.append(f"{feed.use} saw {of} batches in {feed.epochs} epochs")
    if stage.budget is not None and stage.budget.rows:
        parts.append(f"batches had {stage.budget.rows} images instead of {stage.batch_size or 'the usual number'}")
    return f"{'; '.join(parts)} (training of a question may take {budget} in this profile)" if parts else ""


def digests(variables: Iterable[Any]) -> dict[int, bytes]:
    """A digest of up to 4,096 evenly spaced elements of each variable, by id: an optimizer step moves nearly all."""
    import tensorflow as tf

    found = {}
    for variable in variables:
        flat = tf.reshape(tf.convert_to_tensor(variable), [-1])
        sample = flat[:: max(1, int(flat.shape[0]) // SAMPLE)]
        found[id(variable)] = hashlib.blake2b(sample.numpy().tobytes(), digest_size=16).digest()
    return found


def path_of(variable: Any) -> str:
    """Name of a parameter with the layer that it belongs to: `conv/kernel`."""
    return str(getattr(variable, "path", getattr(variable, "name", "")))[:200]


def device_of(variable: Any) -> str:
    """`CPU:0` or `GPU:1`: where a parameter lies."""
    value = getattr(variable, "value", variable)
    return str(getattr(value, "device", "")).rpartition("device:")[2][:100]


def steps_of(optimizer: Any) -> int:
    """Steps that an optimizer has made."""
    return int(optimizer.iterations.numpy()) if optimizer is not None else 0


def learning_rate(optimizer: Any) -> float | None:
    """The learning rate now, rounded to what float32 holds; None if it is not a finite number."""
    try:
        rate = float(f"{float(optimizer.learning_rate):.6g}")
    except Exception:
        return None
    return rate if math.isfinite(rate) else None


def optimizer_name(optimizer: Any) -> str:
    """Class of the optimizer, without the wrapper that scales losses."""
    return type(getattr(optimizer, "inner_optimizer", optimizer)).__name__ if optimizer is not None else ""


def loss_name(loss: Any) -> str:
    """A loss as the student gave it: a name, a function, or an object."""
    if isinstance(loss, str):
        return loss[:100]
    if isinstance(loss, list | tuple | dict):
        return ", ".join(map(loss_name, loss.values() if isinstance(loss, dict) else loss))[:100]
    return str(getattr(loss, "__name__", type(loss).__name__))[:100] if loss is not None else ""


def takes_logits(loss: Any) -> bool | None:
    """Whether a cross-entropy applies softmax or sigmoid itself; None where it has no such choice."""
    given = getattr(loss, "from_logits", getattr(loss, "_fn_kwargs", {}).get("from_logits"))
    if isinstance(given, bool):
        return given
    return False if "crossentropy" in loss_name(loss).replace("_", "").casefold() else None


def range_of(targets: Any) -> list[float] | None:
    """Least and greatest of up to 4,096 targets that are held in memory."""
    import numpy as np

    try:
        first = np.asarray(targets[:SAMPLE], dtype=float)
        return [float(first.min()), float(first.max())] if np.isfinite(first).all() else None
    except Exception:
        return None


def label_range(source: Any) -> list[float] | None:
    """Least and greatest label of pictures from a folder, as its reader says; None for any other source.

    Source: `keras.src.legacy.preprocessing.image.DirectoryIterator` (`class_mode`, `class_indices`) and
    `image_dataset_from_directory`, whose data set carries `class_names` until it is mapped.
    """
    names = getattr(source, "class_indices", None) or getattr(source, "class_names", None)
    if not names:
        return None
    if getattr(source, "class_mode", "") == "categorical" or _one_hot(source):
        return [0.0, 1.0] if len(names) > 1 else [1.0, 1.0]
    return [0.0, float(len(names) - 1)]


def _one_hot(source: Any) -> bool:
    labels = source.element_spec[-1] if hasattr(source, "element_spec") else None
    return labels is not None and len(labels.shape) > 1 and (labels.shape[-1] or 0) > 1


def numbers(values: Any) -> list[float]:
    """The finite numbers among values."""
    found = []
    for value in values if isinstance(values, list) else []:
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if math.isfinite(number):
            found.append(number)
    return found
