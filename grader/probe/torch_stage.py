"""One stage of a PyTorch training: the steps of one optimizer, and the weights that they change."""

from __future__ import annotations

import math
import weakref
from dataclasses import dataclass, field
from time import monotonic  # by name: code that replaces `time.monotonic` changes no time of ours
from typing import TYPE_CHECKING, Any

from grader.probe.torch_tape import parameter_counts

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST_EPOCHS = 2000
MOST_NAMES = 200


@dataclass(eq=False)
class Stage:
    """The steps of one optimizer, as they become a `records.Training`.

    Attributes:
        optimizer: The optimizer; None when the stage is closed.
        name: Its class.
        parameters: The weights of the model and of the optimizer; empty when the stage is closed.
        before: Their fingerprints before the first step.
        trainable: Number of trainable parameters before the first step.
        losses: Losses of the running epoch.
        history: Mean loss per epoch.
        accuracies: Share of labels met per epoch, where labels are whole numbers that came with the batch.
        held_out: The same of the first pass over other data after each epoch.
        seconds: Wall time per epoch.
        names: Names of the parameters in the model.
        same: Names of those that did not change.
        images_before: Rows seen in the epochs before the running one.
        total: Rows of the tensor that batches are slices of, where no loader says when an epoch ends.
    """

    optimizer: Any
    name: str
    parameters: list[Any]
    before: list[int]
    trainable: int
    data_set: str
    references: list[weakref.ref[Any]]
    rates: list[float] = field(default_factory=list)
    loss: str = ""
    loss_input: str | None = None
    target_range: list[float] | None = None
    input_range: list[float] | None = None
    steps: int = 0
    batch_size: int | None = None
    images: int = 0
    images_before: int = 0
    total: int = 0
    history: list[float] = field(default_factory=list)
    losses: list[Any] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    started: float = field(default_factory=monotonic)
    names: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    device: str = ""
    settled: bool = False
    loader: Any = None
    cuts: list[str] = field(default_factory=list)
    changed: int = 0
    changed_parameters: int = 0

    def holds(self, module: nn.Module) -> bool:
        """Whether a module has weights that this stage trained."""
        own = {id(parameter) for parameter in module.parameters()}
        return any((parameter := reference()) is not None and id(parameter) in own for reference in self.references)

    def compare(self) -> None:
        """Count the weights that differ from what they were before the first step."""
        if self.optimizer is not None and not self.settled:
            now = [fingerprint(parameter) for parameter in self.parameters]
            differ = [old != new for old, new in zip(self.before, now, strict=True)]
            self.changed = sum(differ)
            moved = [p for p, other in zip(self.parameters, differ, strict=True) if other]
            self.changed_parameters = parameter_counts(moved)[0]
            self.same = [name for name, other in zip(self.names, differ, strict=True) if not other]

    def settle(self) -> None:
        """Another stage is about to change the same weights: what this one changed is what differs now."""
        self.compare()
        self.settled = True

    def close(self) -> None:
        """Compare for the last time and let go of the weights."""
        self.compare()
        self.optimizer, self.parameters = None, []

    def end_epoch(self, accuracy: float | None = None, seconds: float | None = None) -> None:
        """An epoch is over: its mean loss goes to the history, and how many labels were met where that was seen."""
        values = [float(loss) for loss in self.losses]
        self.losses, self.images_before = [], self.images
        now = monotonic()
        self.seconds.append(now - self.started if seconds is None else seconds)
        self.started = now
        if accuracy is not None:
            self.accuracies.append(accuracy)
        self.history.append(sum(values) / len(values) if values else math.nan)

    def describe(self, model: int | None) -> dict[str, Any]:
        """The stage as `records.Training` in JSON form; `model` is the index of its model."""
        per_epoch = {"loss": self.history, "accuracy": self.accuracies, "val_accuracy": self.held_out}
        whole = {name: values for name, values in per_epoch.items() if len(values) == len(self.history)}
        finite = {name: [value for value in values if math.isfinite(value)] for name, values in whole.items()}
        return {
            "model": model,
            "framework": "torch",
            "optimizer": self.name,
            "learning_rates": self.rates,
            "loss": self.loss,
            "epochs": len(self.history),
            "steps": self.steps,
            "batch_size": self.batch_size,
            "images": self.images,
            "history": {name: values for name, values in finite.items() if values},
            "seconds": self.seconds[:MOST_EPOCHS],
            "device": self.device,
            "unchanged_names": self.same[:MOST_NAMES],
            "trainable_parameters": self.trainable,
            "changed": self.changed,
            "changed_parameters": self.changed_parameters,
            "unchanged": len(self.before) - self.changed,
            "data_set": self.data_set,
            "cut": "; ".join(self.cuts)[:1000],
            "target_range": self.target_range,
            "input_range": self.input_range,
            "loss_input": self.loss_input,
        }


def fingerprint(parameter: torch.Tensor) -> int:
    """The sum of the bit patterns of a tensor: one pass without a copy, and exact where a float sum is not."""
    import torch

    if torch.nn.parameter.is_lazy(parameter):
        return 0
    whole = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[parameter.element_size()]
    return int(parameter.detach().contiguous().view(whole).sum())
